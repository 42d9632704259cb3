// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Carries randomness into a channel's handshake, and the bytes to send out of it.
public struct ChannelBatch {
    /// The source of keys and pads: a `SeededRandom` in simulations, otherwise `SecureRandom`.
    public var random: any RandomNumberGenerator
    /// Bytes for the other side, in order. They are sent before anything that is sealed.
    public var output = ByteBuffer()

    /// Creates a batch without output.
    public init(random: any RandomNumberGenerator) { self.random = random }

    /// Removes and returns the output; nil if there is none.
    public mutating func takeOutput() -> ByteBuffer? {
        guard output.readableBytes > 0 else { return nil }
        defer { output = ByteBuffer() }
        return output
    }
}
