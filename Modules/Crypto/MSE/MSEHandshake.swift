// SPDX-License-Identifier: Apache-2.0

/// One side of a Message Stream Encryption handshake (also "protocol encryption"; Vuze wiki, Message Stream Encryption
/// 1.0): hides BitTorrent from those who would filter it.
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
/// Feed what comes to `handle`, then send what `nextBytesToSend` yields and see whether there is a `nextOutcome`.
/// SKEY is the torrent's info-hash (that of v2 truncated). Owner: one connection. It buffers no more than
/// `MSELimits` allows, beside what one call of `handle` gave it.
public struct MSEHandshake: ~Copyable {
    /// Finds the info-hash whose `lookupKey` is given.
    public typealias TorrentLookup = (_ lookupKey: SHA1Digest) -> SHA1Digest?

    enum State {
        case initiator(InitiatorStep)
        case responder(ResponderStep)
        case ended
    }

    var state: State
    var input = MSEInput()
    var bytesToSend: [UInt8]
    var outcome: MSEOutcome?
    /// What the peer sends by; there from the moment that both keys are known, until the outcome takes it.
    var inbound: RC4?
    /// What we send by; likewise.
    var outbound: RC4?

    /// The side that dialled: wants torrent `skey`, offers `methods`, and sends `initialPayload`, most often the
    /// BitTorrent handshake, along with its own last words.
    ///
    /// All randomness is drawn here: a `SecureRandom`, unless a test replays. A payload beyond
    /// `MSELimits.maximumInitialPayloadLength` is an error of the caller.
    public init(
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

    /// The side that was dialled: agrees to one of `methods`, to `preferred` where it has the choice.
    ///
    /// All randomness is drawn here: a `SecureRandom`, unless a test replays.
    public init(
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

    /// By what a responder finds a torrent: HASH('req2', SKEY). To be kept in a table beside the info-hash.
    public static func lookupKey(for skey: SHA1Digest) -> SHA1Digest { MSEKeys.lookupKey(skey) }

    /// Takes bytes from the peer, any number at a time. After an error the handshake has ended.
    ///
    /// `findTorrent` is asked at most once, and of responders only.
    ///
    /// - Throws: what the peer did wrong.
    public mutating func handle(
        _ bytes: UnsafeRawBufferPointer,
        findTorrent: TorrentLookup = { _ in nil }
    ) throws(MSEError) {
        input.append(bytes)
        try advance(findTorrent)
    }

    /// Takes bytes from the peer, any number at a time. After an error the handshake has ended.
    ///
    /// - Throws: what the peer did wrong.
    public mutating func handle(_ bytes: [UInt8], findTorrent: TorrentLookup = { _ in nil }) throws(MSEError) {
        input.append(bytes)
        try advance(findTorrent)
    }

    /// What to send now, if there is anything; before any use of the outcome's own stream.
    public mutating func nextBytesToSend() -> [UInt8]? {
        guard !bytesToSend.isEmpty else { return nil }
        defer { bytesToSend = [] }
        return bytesToSend
    }

    /// What the handshake led to, once.
    public mutating func nextOutcome() -> MSEOutcome? { outcome.take() }

    /// Takes all steps for which the bytes are there.
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

    /// Hands all over to the outcome, with what came beyond the handshake.
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

    /// Eight zeros, encrypted: show that both sides derived the same keys.
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
