// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// The outcome of a channel's handshake.
public struct ChannelOutcome: Hashable, Sendable {
    /// The kind of channel.
    public let kind: ChannelKind
    /// The swarm that the channel is bound to; nil if its handshake names none.
    public let swarm: SHA1Digest?
    /// The other side's public key, if the handshake proved that it has the private key.
    public let authenticatedKey: [UInt8]?
    /// Whether later bytes pass unchanged, so they can bypass the channel.
    public let isPassthrough: Bool

    /// Creates the outcome of a handshake.
    public init(kind: ChannelKind, swarm: SHA1Digest?, authenticatedKey: [UInt8]? = nil, isPassthrough: Bool) {
        self.kind = kind
        self.swarm = swarm
        self.authenticatedKey = authenticatedKey
        self.isPassthrough = isPassthrough
    }
}
