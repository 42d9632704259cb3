// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheCrypto
internal import RucheWire

/// Learns from a stranger's first bytes which swarm it wants, in plaintext (BEP 3) or through MSE.
///
/// Owner: one accepted connection. It consumes an encryption handshake and nothing else: the BitTorrent handshake
/// stays in `received` for the swarm. After an error the connection is of no more use.
/// ```
/// undecided ──"BitTorrent protocol"──────────▶ readable ──48 bytes──▶ found
///     └──────anything else──▶ encrypting ──outcome──▲
/// ```
package struct IncomingIdentification: ~Copyable {
    /// Which swarm, and how.
    package struct Found {
        package let infoHash: SHA1Digest
        package let isEncrypted: Bool
    }

    /// What the stranger wants, once it is known.
    package private(set) var found: Found?
    /// Plaintext that nobody has consumed.
    package private(set) var received = ByteBuffer()

    private let policy: EncryptionPolicy
    private let byteLimit: Int
    private let findTorrent: @Sendable (SHA1Digest) -> SHA1Digest?
    private var stage = Stage.undecided
    private var byteCount = 0
    private var encryption: MSEHandshake?
    private var outcome: MSEOutcome?
    /// The info-hash that keyed the encryption, where there is any.
    private var key: SHA1Digest?

    private enum Stage {
        case undecided
        case encrypting
        case readable
    }

    /// `findTorrent` gives the info-hash of ours whose `MSEHandshake.lookupKey(for:)` is asked for.
    package init(
        policy: EncryptionPolicy,
        byteLimit: Int,
        findTorrent: @escaping @Sendable (_ lookupKey: SHA1Digest) -> SHA1Digest?
    ) {
        self.policy = policy
        self.byteLimit = byteLimit
        self.findTorrent = findTorrent
    }

    /// Takes what came, any number of bytes at a time.
    package mutating func handle(
        _ bytes: consuming ByteBuffer,
        using random: inout some RandomNumberGenerator
    ) throws(TransportError) {
        byteCount += bytes.readableBytes
        guard byteCount <= byteLimit else {
            throw TransportError(.limit, "identify a stranger within \(byteLimit) bytes")
        }
        switch stage {
        case .undecided: try handleUndecided(&bytes, using: &random)
        case .encrypting: try handleEncrypting(Array(buffer: bytes))
        case .readable: handleReadable(&bytes)
        }
        try identify()
    }

    /// What to send to the stranger now, if anything.
    package mutating func nextAnswer() -> ByteBuffer? {
        guard let bytes = encryption?.nextBytesToSend() else { return nil }
        return ByteBuffer(bytes: bytes)
    }

    /// The streams by which the connection goes on, where it is encrypted; once.
    package mutating func takeOutcome() -> MSEOutcome? {
        outcome.take()
    }

    private mutating func handleUndecided(
        _ bytes: inout ByteBuffer,
        using random: inout some RandomNumberGenerator
    ) throws(TransportError) {
        received.writeBuffer(&bytes)
        switch MSEDetector.verdict(on: received.readableBytesView) {
        case .undecided: return
        case .plaintext:
            guard policy != .require else { throw TransportError(.encryptionRequired, "accept a plaintext handshake") }
            stage = .readable
        case .encrypted:
            guard policy != .off else { throw TransportError(.notBitTorrent, "accept an encrypted handshake") }
            stage = .encrypting
            encryption = MSEHandshake(responderAllowing: policy.methods, using: &random)
            let first = Array(buffer: received)
            received.clear()
            try handleEncrypting(first)
        }
    }

    private mutating func handleEncrypting(_ bytes: [UInt8]) throws(TransportError) {
        do throws(MSEError) {
            try encryption?.handle(bytes, findTorrent: findTorrent)
        } catch {
            throw TransportError(.encryptionFailed, "read an encrypted handshake (\(error))")
        }
        guard let outcome = encryption?.nextOutcome() else { return }
        stage = .readable
        key = outcome.skey
        received.writeBytes(outcome.payload)
        if outcome.method == .rc4 { self.outcome = consume outcome }
    }

    private mutating func handleReadable(_ bytes: inout ByteBuffer) {
        if outcome != nil {
            bytes.withUnsafeMutableReadableBytes { outcome?.inbound.apply(to: $0) }
        }
        received.writeBuffer(&bytes)
    }

    /// The handshake is for the swarm that keyed the encryption, where there is any: one connection has one swarm.
    private mutating func identify() throws(TransportError) {
        guard stage == .readable, found == nil, let preamble = try peekPreamble() else { return }
        guard key == nil || key == preamble.infoHash else {
            throw TransportError(.notBitTorrent, "read a handshake that is for another swarm than its encryption")
        }
        found = Found(infoHash: preamble.infoHash, isEncrypted: outcome != nil)
    }

    private func peekPreamble() throws(TransportError) -> Handshake.Preamble? {
        do throws(PeerProtocolError) {
            return try Handshake.peekPreamble(in: received)
        } catch {
            throw TransportError(.notBitTorrent, "read a handshake (\(error))")
        }
    }
}
