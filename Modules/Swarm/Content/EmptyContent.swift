// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// No content, and no messages either: peers find each other and stay connected, although none of them has anything to
/// download. A swarm for conversations is a `Content` of its own that also omits `shape` and `verifier`.
public struct EmptyContent: Content {
    /// `ruche_empty`.
    public static let name: ExtensionName = "ruche_empty"

    /// The topic, by which peers find each other.
    public let hashes: InfoHashes
    /// Whether peers come only from trackers (BEP 27).
    public let isPrivate: Bool

    /// Creates a swarm for `hashes`.
    public init(_ hashes: InfoHashes, isPrivate: Bool = false) {
        self.hashes = hashes
        self.isPrivate = isPrivate
    }

    /// Accepts no messages: a peer that sends one misbehaves.
    public mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        if case .message = event { batch.misbehaved(peer) }
    }
}
