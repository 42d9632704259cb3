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

    /// Offers the channels that `make` creates, one for each connection. `make` starts the handshake: the channel of an initiator
    /// may put its first bytes into the batch's output.
    public init<Channel: SecureChannel & ~Copyable>(
        make: @escaping @Sendable (ChannelSetup, inout ChannelBatch) -> Channel
    ) {
        kind = Channel.kind
        handshakeByteLimit = Channel.handshakeByteLimit
        recognition = { Channel.recognise($0) }
        maker = { setup, batch in ChannelBox(make(setup, &batch)) }
    }

    /// Bytes without encryption.
    public static let plaintext = Self { PlaintextChannel($0, in: &$1) }
    /// Message stream encryption.
    public static let mse = Self { MSEChannel($0, in: &$1) }

    /// `SecureChannel.recognise`.
    package func recognise(_ first: ByteBuffer) -> ChannelRecognition { recognition(first) }

    /// Creates a channel that starts its handshake.
    package func makeChannel(_ setup: ChannelSetup, in batch: inout ChannelBatch) -> any ConnectionChannel {
        maker(setup, &batch)
    }
}
