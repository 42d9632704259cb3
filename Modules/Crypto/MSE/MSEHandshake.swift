// SPDX-License-Identifier: Apache-2.0

/// One side of a Message Stream Encryption handshake, also called "protocol encryption" (Vuze wiki, Message Stream
/// Encryption 1.0). MSE hides BitTorrent traffic from filters.
///
///     initiator                                                        responder
///     Ya, PadA                                               →
///                                                            ←         Yb, PadB
///     HASH('req1', S), HASH('req2', SKEY) xor HASH('req3', S),
///     RC4(VC, crypto_provide, len(PadC), PadC, len(IA)), RC4(IA) →
///                                                            ←         RC4(VC, crypto_select, len(PadD), PadD), …
///
///     initiator: publicKey → verification → selection → pad ───────────────────┐
///     responder: publicKey → synchronisation → provision → pad → initialPayload ┴→ ended
///
/// Pass received bytes to `handle`, then send what `nextBytesToSend` returns and check `nextOutcome`. SKEY is the
/// torrent's info-hash, truncated for v2. Each connection owns one handshake. It buffers at most what `MSELimits`
/// allows, besides the bytes of the current call of `handle`.
package struct MSEHandshake: ~Copyable {
    /// Returns the info-hash with the given lookup key, or nil if we do not have that torrent.
    package typealias TorrentLookup = (_ lookupKey: SHA1Digest) -> SHA1Digest?

    enum State {
        case initiator(InitiatorStep)
        case responder(ResponderStep)
        case ended
    }

    var state: State
    var input = MSEInput()
    var bytesToSend: [UInt8]
    var outcome: MSEOutcome?
    /// Decrypts what the peer sends. Set once both keys are known, until the outcome takes it.
    var inbound: RC4?
    /// Encrypts what we send. Set and taken together with `inbound`.
    var outbound: RC4?

    /// Creates the side that dialled. It asks for the torrent `skey`, offers `methods`, and sends `initialPayload`,
    /// usually the BitTorrent handshake, with its own last message.
    ///
    /// Draws all of its randomness here: pass a `SecureRandom`, except in tests that replay. The payload must not be
    /// longer than `MSELimits.maximumInitialPayloadLength`; a longer one traps.
    package init(
        initiatorFor skey: SHA1Digest,
        offering methods: MSEMethods = .any,
        initialPayload: [UInt8] = [],
        using generator: inout some RandomNumberGenerator
    ) {
        precondition(initialPayload.count <= MSELimits.maximumInitialPayloadLength, "initial payload too long")
        let privateKey = SecretBytes(count: MSEKeyExchange.privateKeyByteCount, using: &generator)
        bytesToSend = MSEKeyExchange.publicKey(of: privateKey) + Self.makePad(using: &generator)
        state = .initiator(
            .publicKey(
                .init(
                    skey: skey,
                    offered: methods,
                    initialPayload: initialPayload,
                    padLength: Self.makePadLength(using: &generator),
                    privateKey: privateKey
                )
            )
        )
    }

    /// Creates the side that was dialled. It agrees to one of `methods`, and to `preferred` if that is among those
    /// offered.
    ///
    /// Draws all of its randomness here: pass a `SecureRandom`, except in tests that replay.
    package init(
        responderAllowing methods: MSEMethods = .any,
        preferring preferred: MSEMethod = .rc4,
        using generator: inout some RandomNumberGenerator
    ) {
        bytesToSend = []
        state = .responder(
            .publicKey(
                .init(
                    allowed: methods,
                    preferred: preferred,
                    pad: Self.makePad(using: &generator),
                    padLength: Self.makePadLength(using: &generator),
                    privateKey: SecretBytes(count: MSEKeyExchange.privateKeyByteCount, using: &generator)
                )
            )
        )
    }

    /// Returns the key by which a responder finds a torrent, HASH('req2', SKEY). Keep a table from it to the info-hash.
    package static func lookupKey(for skey: SHA1Digest) -> SHA1Digest { MSEKeys.lookupKey(skey) }

    /// Handles any number of bytes from the peer. An error ends the handshake.
    ///
    /// `findTorrent` is called at most once, and only on a responder.
    ///
    /// - Throws: `MSEError`; close the connection then.
    package mutating func handle(
        _ bytes: UnsafeRawBufferPointer,
        findTorrent: TorrentLookup = { _ in nil }
    ) throws(MSEError) {
        input.append(bytes)
        try advance(findTorrent)
    }

    /// Handles any number of bytes from the peer. An error ends the handshake.
    ///
    /// - Throws: `MSEError`; close the connection then.
    package mutating func handle(_ bytes: [UInt8], findTorrent: TorrentLookup = { _ in nil }) throws(MSEError) {
        input.append(bytes)
        try advance(findTorrent)
    }

    /// Returns bytes to send, or nil. Send them before anything that the outcome's `outbound` encrypts.
    package mutating func nextBytesToSend() -> [UInt8]? {
        guard !bytesToSend.isEmpty else { return nil }
        defer { bytesToSend = [] }
        return bytesToSend
    }

    /// Returns the outcome when the handshake has succeeded, once.
    package mutating func nextOutcome() -> MSEOutcome? { outcome.take() }

    /// Performs every step whose bytes have arrived.
    private mutating func advance(_ findTorrent: TorrentLookup) throws(MSEError) {
        do throws(MSEError) {
            guard !isEnded else { throw .ended }
            while try advanceOnce(findTorrent) {}
        } catch {
            state = .ended
            input = MSEInput()
            inbound = nil
            outbound = nil
            throw error
        }
    }

    private mutating func advanceOnce(_ findTorrent: TorrentLookup) throws(MSEError) -> Bool {
        switch state {
        case .initiator(let step): try advance(step)
        case .responder(let step): try advance(step, findTorrent)
        case .ended: false
        }
    }

    private var isEnded: Bool {
        if case .ended = state { true } else { false }
    }

    /// Ends the handshake: moves the ciphers, and the bytes received beyond the handshake, into the outcome.
    mutating func end(_ method: MSEMethod, for skey: SHA1Digest, initialPayload: [UInt8] = []) {
        state = .ended
        guard var decrypting = inbound.take(), let encrypting = outbound.take() else { return }
        var rest = input.takeAll()
        if method == .rc4 { decrypting.apply(to: &rest) }
        outcome = MSEOutcome(
            skey: skey,
            method: method,
            payload: initialPayload + rest,
            inbound: decrypting,
            outbound: encrypting
        )
    }

    /// Eight zero bytes. Encrypted, they prove that both sides derived the same keys.
    static var verificationConstant: [UInt8] { [UInt8](repeating: 0, count: 8) }

    static func checkedPadLength(_ bytes: [UInt8], at offset: Int) throws(MSEError) -> Int {
        let length = Int(bytes.bigEndian(at: offset, byteCount: 2))
        guard length <= MSELimits.maximumPadLength else {
            throw .padTooLong(length, maximum: MSELimits.maximumPadLength)
        }
        return length
    }

    private static func makePad(using generator: inout some RandomNumberGenerator) -> [UInt8] {
        generator.nextBytes(count: makePadLength(using: &generator))
    }

    private static func makePadLength(using generator: inout some RandomNumberGenerator) -> Int {
        Int.random(in: 0...MSELimits.maximumPadLength, using: &generator)
    }
}
