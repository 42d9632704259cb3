// SPDX-License-Identifier: Apache-2.0

/// The ways in which an endpoint was found. Several may name the same one.
package struct PeerOrigins: OptionSet, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A tracker's answer.
    package static let tracker = PeerOrigins(rawValue: 1)
    /// The distributed hash table (BEP 5).
    package static let distributedHashTable = PeerOrigins(rawValue: 2)
    /// Peer exchange (BEP 11), by a peer at another address.
    package static let pex = PeerOrigins(rawValue: 4)
    /// Local service discovery (BEP 14).
    package static let localNetwork = PeerOrigins(rawValue: 8)
    /// A peer at the same address (IPv6: /64), usually itself: it connected to us, or said that it listens there.
    package static let incoming = PeerOrigins(rawValue: 16)
    /// The user, a magnet link's `x.pe` or saved state.
    package static let manual = PeerOrigins(rawValue: 32)
    /// An app's own source.
    package static let application = PeerOrigins(rawValue: 64)

    /// Ways in which a peer at the endpoint's own address cannot have named it.
    static let vouching: PeerOrigins = [.tracker, .distributedHashTable, .pex, .localNetwork, .manual, .application]
    /// Ways in which strangers cannot name another's endpoint.
    static let trusted: PeerOrigins = [.tracker, .localNetwork, .manual, .application]
}
