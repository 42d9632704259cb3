// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Names a peer of one torrent within one extension, for as long as it is connected. Once it has left, the handle names
/// nobody.
public struct PeerHandle: Hashable, Sendable, CustomStringConvertible {
    let slot: PeerSlot
    /// Tells it from others that had the slot before.
    let serial: UInt32

    /// A name for logs.
    public var description: String { "\(slot).\(serial)" }
}

/// What is known of a connected peer. It says most of this of itself, so none of it is certain but the address.
public struct PeerFacts: Hashable, Sendable {
    /// The other end of the connection.
    public let endpoint: PeerEndpoint
    /// Where it takes connections; nil for an incoming peer that has not said so.
    public let listensAt: PeerEndpoint?
    /// The peer id in its handshake.
    public let id: PeerID
    /// The client's name and version.
    public let client: String?
    /// Whether it connected to us.
    public let isIncoming: Bool
    /// Whether it has every piece, or says that it only uploads (BEP 21).
    public let isSeed: Bool

    init(_ peer: ConnectedPeer) {
        endpoint = peer.endpoint
        listensAt = peer.listensAt
        id = peer.id
        client = peer.client
        isIncoming = peer.isIncoming
        isSeed = peer.pieces.isSeed || peer.isUploadOnly
    }
}

/// The torrent that an extension serves.
public struct SwarmFacts: Hashable, Sendable {
    /// The torrent's info-hashes.
    public let hashes: InfoHashes
    /// Whether it is private (BEP 27); nil while its metadata is not known.
    public let isPrivate: Bool?
}

/// A peer that an extension has heard of.
public struct FoundPeer: Hashable, Sendable {
    /// Where it takes connections.
    public var endpoint: PeerEndpoint
    /// Whether it is said to be a seed.
    public var isSeed: Bool

    /// Creates a contact.
    public init(_ endpoint: PeerEndpoint, isSeed: Bool = false) {
        self.endpoint = endpoint
        self.isSeed = isSeed
    }
}

/// What a peer may do wrong, as an extension judges it.
public enum PeerOffence: Hashable, Sendable {
    /// It sent what the extension's format does not allow. At the second time within a short while, it is disconnected.
    case malformed
    /// It sent more than it may. At the fourth time within a short while, it is disconnected.
    case excessive

    var misbehaviour: Misbehaviour {
        switch self {
        case .malformed: .badExtensionMessage
        case .excessive: .floodOfExtension
        }
    }
}
