// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// The parameters of a channel's handshake.
public struct ChannelSetup: Sendable {
    /// Our side of the connection, and how the swarm becomes known.
    public enum Role: Sendable {
        /// We dialled for this swarm: an info-hash, v1 or v2 truncated to 20 bytes.
        case initiator(swarm: SHA1Digest)
        /// We were dialled. The closure returns the info-hash of ours with a given lookup key, which is the SHA-1 of
        /// `req2` and the info-hash (MSE); nil if there is none. It is called on any loop and must not block.
        case responder(findSwarm: @Sendable (_ lookupKey: SHA1Digest) -> SHA1Digest?)
    }

    /// Our side.
    public let role: Role
    /// Whether the channel must encrypt what follows the handshake. If it cannot, it fails.
    public let mustSeal: Bool

    /// Unless `mustSeal`, the channel may end in plaintext.
    public init(_ role: Role, mustSeal: Bool = false) {
        self.role = role
        self.mustSeal = mustSeal
    }
}
