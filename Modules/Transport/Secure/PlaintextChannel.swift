// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import RucheCrypto

/// No encryption: the connection starts with the BitTorrent handshake (BEP 3).
public struct PlaintextChannel: SecureChannel {
    /// `plaintext`.
    public static let kind = ChannelKind.plaintext
    /// There is no handshake.
    public static let handshakeByteLimit = 0

    /// Known from the start, because the BitTorrent handshake names the swarm.
    public let outcome: ChannelOutcome? = ChannelOutcome(kind: kind, swarm: nil, isPassthrough: true)

    /// Recognises the first 20 bytes of a BitTorrent handshake.
    public static func recognise(_ first: ByteBuffer) -> ChannelRecognition {
        switch MSEDetector.verdict(on: first.readableBytesView) {
        case .undecided: .needsMore
        case .plaintext: .yes
        case .encrypted: .no
        }
    }

    /// Sends nothing.
    public init(_ setup: ChannelSetup, in batch: inout ChannelBatch) {}

    /// Does nothing.
    public mutating func handleHandshake(_ input: inout ByteBuffer, in batch: inout ChannelBatch) {}

    /// Returns all of `input`.
    public mutating func open(_ input: inout ByteBuffer) -> ByteBuffer? { input.takeReadable() }

    /// Appends `plain` unchanged.
    public mutating func seal(_ plain: ByteBuffer, into sealed: inout ByteBuffer) { sealed.writeImmutableBuffer(plain) }
}

extension ByteBuffer {
    /// Removes and returns everything readable; nil if there is nothing.
    mutating func takeReadable() -> ByteBuffer? { readableBytes > 0 ? readSlice(length: readableBytes) : nil }
}
