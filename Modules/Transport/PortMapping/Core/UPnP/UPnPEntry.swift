// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// One port to be mapped by a UPnP device.
///
/// Owner: `UPnPMapper`.
struct UPnPEntry: Hashable, Sendable {
    enum State: Hashable, Sendable {
        case wanted
        case mapped(renewal: Instant)
        case refused
        /// The mapping must be deleted.
        case leaving
        case done
    }

    let wish: MappingWish
    var state = State.wanted
    var externalPort: UInt16
    /// The number of external ports that were taken.
    var takenCount = 0

    init(wish: MappingWish) {
        self.wish = wish
        externalPort = wish.port
    }

    /// When the device must be asked; nil for never.
    var due: Instant? {
        switch state {
        case .wanted: Instant(nanoseconds: .min)
        case .mapped(let renewal): renewal
        case .refused, .leaving, .done: nil
        }
    }

    func isDue(at now: Instant) -> Bool { due.map { $0 <= now } ?? false }

    mutating func handleClose(isAsked: Bool) {
        if case .mapped = state { return state = .leaving }
        state = isAsked ? .leaving : .done
    }

    /// Identifies the mapping to the device. There is no remote host, so anyone may connect.
    var key: [(name: String, value: String)] {
        [
            ("NewRemoteHost", ""), ("NewExternalPort", "\(externalPort)"), ("NewProtocol", "\(wish.transport)"),
        ]
    }
}
