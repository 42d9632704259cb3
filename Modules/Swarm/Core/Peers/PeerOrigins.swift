// SPDX-License-Identifier: Apache-2.0

/// By which ways an endpoint was found. Several may name the same.
package struct PeerOrigins: OptionSet, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A tracker's answer.
    package static let tracker = PeerOrigins(rawValue: 1)
    /// Peer exchange (BEP 11).
    package static let pex = PeerOrigins(rawValue: 4)
    /// It connected to us.
    package static let incoming = PeerOrigins(rawValue: 16)
    /// The user, a magnet link's `x.pe` or saved state.
    package static let manual = PeerOrigins(rawValue: 32)
}
