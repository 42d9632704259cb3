// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// What a channel is told when its handshake begins.
public struct ChannelSetup: Sendable {
    /// Which side of the connection we are, and how the swarm becomes known.
    public enum Role: Sendable {
        /// We dialled for this swarm: an info-hash, v1 or v2 cut to 20 bytes.
        case initiator(swarm: SHA1Digest)
        /// We were dialled. The closure returns the info-hash of ours whose `MSEHandshake.lookupKey(for:)` is given. It is
        /// called on any loop and must not block. See `TorrentLookupTable`.
        case responder(findSwarm: @Sendable (_ lookupKey: SHA1Digest) -> SHA1Digest?)
    }

    /// Our side.
    public let role: Role
    /// Whether the channel must seal what follows the handshake. If it cannot, it fails.
    public let mustSeal: Bool

    /// A channel for `role`; one that may end in plaintext unless `mustSeal`.
    public init(_ role: Role, mustSeal: Bool = false) {
        self.role = role
        self.mustSeal = mustSeal
    }
}
