// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheCrypto

/// No encryption: the connection starts with the BitTorrent handshake (BEP 3).
package struct PlaintextChannel: SecureChannel {
    /// `plaintext`.
    package static let kind = ChannelKind.plaintext
    /// There is no handshake.
    package static let handshakeByteLimit = 0

    /// Known from the start, because the BitTorrent handshake names the swarm.
    package let outcome: ChannelOutcome? = ChannelOutcome(kind: kind, swarm: nil, isPassthrough: true)

    /// Recognises the first 20 bytes of a BitTorrent handshake.
    package static func recognise(_ first: ByteBuffer) -> ChannelRecognition {
        switch MSEDetector.verdict(on: first.readableBytesView) {
        case .undecided: .needsMore
        case .plaintext: .yes
        case .encrypted: .no
        }
    }

    /// Sends nothing.
    package init(_ setup: ChannelSetup, in batch: inout ChannelBatch) {}

    /// Does nothing.
    package mutating func handleHandshake(_ input: inout ByteBuffer, in batch: inout ChannelBatch) {}

    /// Returns all of `input`.
    package mutating func open(_ input: inout ByteBuffer) -> ByteBuffer? { input.takeReadable() }

    /// Appends `plain` unchanged.
    package mutating func seal(_ plain: ByteBuffer, into sealed: inout ByteBuffer) {
        sealed.writeImmutableBuffer(plain)
    }
}

extension ByteBuffer {
    /// Removes and returns everything readable; nil if there is nothing.
    mutating func takeReadable() -> ByteBuffer? { readableBytes > 0 ? readSlice(length: readableBytes) : nil }
}
