// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A place for one stranger, from accept until it is adopted or gone.
///
/// Returned when its last reference is released. Owner: the transport until the stream is open, then the stranger at
/// the door.
public final class StrangerPass: Sendable {
    /// The stranger's number at its door.
    let ticket: UInt64
    /// The place in the session, which is passed on with the connection.
    let place: ConnectionPlace
    private let leave: @Sendable (UInt64) -> Void

    init(ticket: UInt64, place: ConnectionPlace, leave: @escaping @Sendable (UInt64) -> Void) {
        self.ticket = ticket
        self.place = place
        self.leave = leave
    }

    deinit { leave(ticket) }
}
