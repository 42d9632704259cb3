// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A place for one stranger, from accept until it is adopted or gone.
///
/// Released when its last reference goes. Owner: the transport until the stream is open, then the stranger that waits at the
/// door.
public final class StrangerPass: Sendable {
    /// The stranger's number at its door.
    let ticket: UInt64
    /// Its place among the session's connections, which goes on with the connection.
    let place: ConnectionPlace
    private let leave: @Sendable (UInt64) -> Void

    init(ticket: UInt64, place: ConnectionPlace, leave: @escaping @Sendable (UInt64) -> Void) {
        self.ticket = ticket
        self.place = place
        self.leave = leave
    }

    deinit { leave(ticket) }
}
