// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// What a channel's handshake is given, and where it leaves what must be sent.
public struct ChannelBatch {
    /// Where keys and pads come from. A simulation passes a `SeededRandom`; everybody else, `SecureRandom`.
    public var random: any RandomNumberGenerator
    /// Bytes for the other side, in order. They go out before anything that is sealed.
    public var output = ByteBuffer()

    /// A batch with no output yet.
    public init(random: any RandomNumberGenerator) { self.random = random }

    /// Removes and returns the output; nil if there is none.
    public mutating func takeOutput() -> ByteBuffer? {
        guard output.readableBytes > 0 else { return nil }
        defer { output = ByteBuffer() }
        return output
    }
}
