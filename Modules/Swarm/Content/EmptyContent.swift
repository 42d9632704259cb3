// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// No content, and no messages either: peers find each other and stay connected, although none of them has anything to
/// download. A swarm for conversations is a `Content` of its own, which leaves out `shape` and `verifier` as this one does.
public struct EmptyContent: Content {
    /// `ruche_empty`.
    public static let name: ExtensionName = "ruche_empty"

    /// The topic, by which peers find each other.
    public let hashes: InfoHashes
    /// Whether peers come from trackers alone (BEP 27).
    public let isPrivate: Bool

    /// Creates a swarm about `hashes`.
    public init(_ hashes: InfoHashes, isPrivate: Bool = false) {
        self.hashes = hashes
        self.isPrivate = isPrivate
    }

    /// Takes no messages: whoever sends one is at fault.
    public mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        if case .message = event { batch.misbehaved(peer) }
    }
}
