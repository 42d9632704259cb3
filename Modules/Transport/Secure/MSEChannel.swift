// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheCrypto

/// Message stream encryption: a Diffie-Hellman exchange keyed by the info-hash, then RC4, or plaintext if both sides
/// agree to it.
///
/// It hides the protocol from casual observers. It provides neither authentication nor confidentiality.
package struct MSEChannel: SecureChannel, ~Copyable {
    /// `mse`.
    package static let kind = ChannelKind.mse
    /// The initiator's bytes: its key and pad, 54 bytes, another pad, a length, and its initial payload.
    package static let handshakeByteLimit =
        96 + 54 + 2 * MSELimits.maximumPadLength + 2 + MSELimits.maximumInitialPayloadLength

    /// The outcome names the swarm whose info-hash keyed the exchange, and no key of the other side.
    package private(set) var outcome: ChannelOutcome?

    private let role: ChannelSetup.Role
    private var handshake: MSEHandshake
    /// Nil until the handshake ends.
    private var streams: MSEOutcome?
    /// Plaintext that arrived with the handshake.
    private var early: ByteBuffer?

    /// Any bytes that are not a BitTorrent handshake may be MSE, because MSE looks random.
    package static func recognise(_ first: ByteBuffer) -> ChannelRecognition {
        switch MSEDetector.verdict(on: first.readableBytesView) {
        case .undecided: .needsMore
        case .plaintext: .no
        case .encrypted: .possible
        }
    }

    /// Draws all of its randomness here. If it must encrypt, it offers and accepts only RC4.
    package init(_ setup: ChannelSetup, in batch: inout ChannelBatch) {
        role = setup.role
        let methods: MSEMethods = setup.mustSeal ? .rc4 : .any
        handshake = Self.makeHandshake(role, methods, using: &batch.random)
        send(in: &batch)
    }

    /// The initial payload stays empty: the BitTorrent handshake follows as on any connection.
    private static func makeHandshake(
        _ role: ChannelSetup.Role,
        _ methods: MSEMethods,
        using random: inout some RandomNumberGenerator
    ) -> MSEHandshake {
        switch role {
        case .initiator(let swarm): MSEHandshake(initiatorFor: swarm, offering: methods, using: &random)
        case .responder: MSEHandshake(responderAllowing: methods, using: &random)
        }
    }

    /// - Throws: `TransportError` with the code `.encryptionFailed`.
    package mutating func handleHandshake(
        _ input: inout ByteBuffer,
        in batch: inout ChannelBatch
    ) throws(TransportError) {
        guard outcome == nil, let bytes = input.takeReadable() else { return }
        do throws(MSEError) {
            try bytes.withUnsafeReadableBytes { bytes throws(MSEError) in
                switch role {
                case .initiator: try handshake.handle(bytes)
                case .responder(let findSwarm): try handshake.handle(bytes, findTorrent: findSwarm)
                }
            }
        } catch {
            throw TransportError(.encryptionFailed, "encrypt the connection (\(error))")
        }
        send(in: &batch)
        guard let ended = handshake.nextOutcome() else { return }
        if !ended.payload.isEmpty { early = ByteBuffer(bytes: ended.payload) }
        outcome = ChannelOutcome(kind: Self.kind, swarm: ended.skey, isPassthrough: ended.method == .plaintext)
        streams = consume ended
    }

    /// Returns first what arrived with the handshake, then all of `input`, decrypted in place.
    package mutating func open(_ input: inout ByteBuffer) -> ByteBuffer? {
        if let early = early.take() { return early }
        guard let bytes = input.takeReadable() else { return nil }
        if outcome?.isPassthrough == false {
            bytes.withUnsafeReadableBytes { bytes in
                // The buffer's own mutation would copy every read, because the socket's pool keeps a reference to the
                // storage.
                streams?.inbound.apply(to: UnsafeMutableRawBufferPointer(mutating: bytes))
            }
        }
        return bytes
    }

    /// Appends `plain`, encrypted unless both sides agreed to plaintext.
    package mutating func seal(_ plain: ByteBuffer, into sealed: inout ByteBuffer) {
        guard outcome?.isPassthrough == false else {
            sealed.writeImmutableBuffer(plain)
            return
        }
        plain.withUnsafeReadableBytes { plain in
            _ = sealed.writeWithUnsafeMutableBytes(minimumWritableBytes: plain.count) { out in
                streams?.outbound.apply(to: plain, into: out)
                return plain.count
            }
        }
    }

    private mutating func send(in batch: inout ChannelBatch) {
        if let bytes = handshake.nextBytesToSend() { batch.output.writeBytes(bytes) }
    }
}
