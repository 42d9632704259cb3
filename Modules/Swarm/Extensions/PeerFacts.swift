// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Identifies a peer of one torrent within one extension while it is connected. Once the peer has left, the handle
/// identifies none.
public struct PeerHandle: Hashable, Sendable, CustomStringConvertible {
    let slot: PeerSlot
    /// Distinguishes it from earlier peers in the same slot.
    let serial: UInt32

    /// A name for logs.
    public var description: String { "\(slot).\(serial)" }
}

/// What is known about a connected peer. Most of it comes from the peer itself, so only the address is certain.
public struct PeerFacts: Hashable, Sendable {
    /// The other end of the connection.
    public let endpoint: PeerEndpoint
    /// The endpoint on which it accepts connections; nil for an incoming peer that has not told.
    public let listensAt: PeerEndpoint?
    /// The peer id in its handshake.
    public let id: PeerID
    /// The client's name and version.
    public let client: String?
    /// Whether the peer connected to us.
    public let isIncoming: Bool
    /// Whether the connection is over uTP.
    public let usesUTP: Bool
    /// Whether the peer can be met by hole punching (BEP 55).
    public let supportsHolePunching: Bool
    /// Whether the peer has every piece, or says that it only uploads (BEP 21).
    public let isSeed: Bool

    init(_ peer: ConnectedPeer) {
        endpoint = peer.endpoint
        listensAt = peer.listensAt
        id = peer.id
        client = peer.client
        isIncoming = peer.isIncoming
        usesUTP = peer.usesUTP
        supportsHolePunching = peer.extensions[.holepunch] != 0
        isSeed = peer.pieces.isSeed || peer.isUploadOnly
    }
}

/// The torrent that an extension serves.
public struct SwarmFacts: Hashable, Sendable {
    /// The torrent's info-hashes.
    public let hashes: InfoHashes
    /// Whether the torrent is private (BEP 27); nil while its metadata is unknown.
    public let isPrivate: Bool?
    /// Our own endpoint as far as peers tell; nil while it is unknown.
    public let ownEndpoint: PeerEndpoint?

    init(hashes: InfoHashes, isPrivate: Bool?, ownEndpoint: PeerEndpoint? = nil) {
        self.hashes = hashes
        self.isPrivate = isPrivate
        self.ownEndpoint = ownEndpoint
    }
}

/// A peer that an extension has learned of.
public struct FoundPeer: Hashable, Sendable {
    /// The endpoint on which it accepts connections.
    public var endpoint: PeerEndpoint
    /// Whether it is reported to be a seed.
    public var isSeed: Bool
    /// Whether it is reported to support hole punching (BEP 55).
    public var supportsHolePunching: Bool

    /// Creates a contact.
    public init(_ endpoint: PeerEndpoint, isSeed: Bool = false, supportsHolePunching: Bool = false) {
        self.endpoint = endpoint
        self.isSeed = isSeed
        self.supportsHolePunching = supportsHolePunching
    }
}

/// A peer's offence, as an extension judges it.
public enum PeerOffence: Hashable, Sendable {
    /// The peer sent what the extension's format does not allow. The second time within a short while disconnects it.
    case malformed
    /// The peer sent more than it may. The fourth time within a short while disconnects it.
    case excessive

    var misbehaviour: Misbehaviour {
        switch self {
        case .malformed: .badExtensionMessage
        case .excessive: .floodOfExtension
        }
    }
}
