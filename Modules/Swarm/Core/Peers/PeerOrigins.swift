// SPDX-License-Identifier: Apache-2.0

/// By which ways an endpoint was found. Several may name the same.
package struct PeerOrigins: OptionSet, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A tracker's answer.
    package static let tracker = PeerOrigins(rawValue: 1)
    /// Peer exchange (BEP 11), by a peer at another address.
    package static let pex = PeerOrigins(rawValue: 4)
    /// A peer at the same address (IPv6: /64), mostly itself: it connected to us, or said that it listens there.
    package static let incoming = PeerOrigins(rawValue: 16)
    /// The user, a magnet link's `x.pe` or saved state.
    package static let manual = PeerOrigins(rawValue: 32)
}
