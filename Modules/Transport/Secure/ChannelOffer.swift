// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// A kind of secure channel that connections may use.
public struct ChannelOffer: Sendable {
    /// The kind.
    public let kind: ChannelKind
    /// `SecureChannel.handshakeByteLimit`.
    package let handshakeByteLimit: Int

    private let recognition: @Sendable (ByteBuffer) -> ChannelRecognition
    private let maker: @Sendable (ChannelSetup, inout ChannelBatch) -> any ConnectionChannel

    /// Offers channels of a type.
    public init<Channel: SecureChannel & ~Copyable>(_: Channel.Type) {
        kind = Channel.kind
        handshakeByteLimit = Channel.handshakeByteLimit
        recognition = { Channel.recognise($0) }
        maker = { ChannelBox<Channel>($0, in: &$1) }
    }

    /// Bytes without encryption.
    public static let plaintext = Self(PlaintextChannel.self)
    /// Message stream encryption.
    public static let mse = Self(MSEChannel.self)

    /// `SecureChannel.recognise`.
    package func recognise(_ first: ByteBuffer) -> ChannelRecognition { recognition(first) }

    /// Creates a channel that starts its handshake.
    package func makeChannel(_ setup: ChannelSetup, in batch: inout ChannelBatch) -> any ConnectionChannel {
        maker(setup, &batch)
    }
}
