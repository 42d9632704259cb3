// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// What a channel's handshake led to.
public struct ChannelOutcome: Hashable, Sendable {
    /// The kind of channel.
    public let kind: ChannelKind
    /// The swarm that the channel is bound to; nil if its handshake names none.
    public let swarm: SHA1Digest?
    /// The other side's public key, if the handshake proved that it has the private one.
    public let authenticatedKey: [UInt8]?
    /// Whether bytes pass unchanged from here on, so that the channel need not see them.
    public let isPassthrough: Bool

    /// The outcome of a handshake.
    public init(kind: ChannelKind, swarm: SHA1Digest?, authenticatedKey: [UInt8]? = nil, isPassthrough: Bool) {
        self.kind = kind
        self.swarm = swarm
        self.authenticatedKey = authenticatedKey
        self.isPassthrough = isPassthrough
    }
}
