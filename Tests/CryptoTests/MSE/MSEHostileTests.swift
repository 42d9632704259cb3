// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

/// Attacks by a peer. The scripted peer's private key is 1, so its public key is 2, and the secret equals the other
/// side's public key: the tests need no arithmetic.
@Suite struct MSEHostileTests {
    private static let publicKey = [UInt8](repeating: 0, count: 95) + [2]

    @Test func publicKeysThatGiveNoSecretAreRefused() throws {
        let prime = try #require(
            Hex.decode(
                "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
                    + "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563"
            )
        )
        let primeLessOne = prime.dropLast() + [0x62]
        let primePlusOne = prime.dropLast() + [0x64]
        let zero = [UInt8](repeating: 0, count: 96)
        let all = [UInt8](repeating: 255, count: 96)
        let one = zero.dropLast() + [1]
        for key in [zero, Array(one), Array(primeLessOne), prime, Array(primePlusOne), all] {
            var generator = SeededRandom(seed: 1)
            var responder = MSEEnd(MSEHandshake(using: &generator))
            responder.handle(key)
            #expect(responder.error == .badPublicKey)
            #expect(responder.nextBytesToSend().isEmpty)
            var initiator = MSEEnd(MSEHandshake(initiatorFor: TestTorrent.skey, using: &generator))
            initiator.handle(key)
            #expect(initiator.error == .badPublicKey)
            initiator.error = nil
            initiator.handle([1])
            #expect(initiator.error == .ended)
        }
        for key in [Self.publicKey, Array(prime.dropLast() + [0x61])] {
            var generator = SeededRandom(seed: 1)
            var responder = MSEEnd(MSEHandshake(using: &generator))
            responder.handle(key)
            #expect(responder.error == nil)
            #expect(responder.nextBytesToSend().count >= 96)
        }
    }

    @Test(arguments: [0, 1, 511, 512, 513, 2000])
    func padsEndWithinTheLimit(length: Int) {
        let pad = [UInt8](repeating: 0xa5, count: length)
        for largestPart in [1, 4000] {
            let toResponder = Script.initiator(pad: pad, hidden: Script.provision())
            let toInitiator = Script.responder(pad: pad, hidden: Script.selection())
            for error in [respond(to: toResponder, in: largestPart), initiate(to: toInitiator, in: largestPart)] {
                #expect(error == (length <= 512 ? nil : .noSynchronisation(within: 512)))
            }
        }
    }

    @Test func badProvisionsAreRefused() {
        let cases: [([UInt8], MSEError?)] = [
            (Script.provision(), nil),
            (Script.provision(verification: 1), .badVerification),
            (Script.provision(methods: 0), .noCommonMethod(offered: [])),
            (Script.provision(methods: 4), .noCommonMethod(offered: .init(rawValue: 4))),
            (Script.provision(methods: 0xffff_ffff), nil),
            (Script.provision(padLength: 512), nil),
            (Script.provision(padLength: 513), .padTooLong(513, maximum: 512)),
            (Script.provision(padLength: 0xffff), .padTooLong(0xffff, maximum: 512)),
            (Script.provision(payloadLength: 16384), nil),
            (Script.provision(payloadLength: 16385), .initialPayloadTooLong(16385, maximum: 16384)),
        ]
        for (hidden, expected) in cases {
            #expect(respond(to: Script.initiator(hidden: hidden), in: 50) == expected)
        }
    }

    @Test func badSelectionsAreRefused() {
        let cases: [([UInt8], MSEError?)] = [
            (Script.selection(), nil),
            (Script.selection(method: 0), .badSelection([])),
            (Script.selection(method: 3), .badSelection(.any)),
            (Script.selection(method: 1), .badSelection(.plaintext)),
            (Script.selection(method: 0x8000_0000), .badSelection(.init(rawValue: 0x8000_0000))),
            (Script.selection(padLength: 513), .padTooLong(513, maximum: 512)),
        ]
        for (hidden, expected) in cases {
            #expect(initiate(to: Script.responder(hidden: hidden), offering: .rc4, in: 50) == expected)
        }
    }

    @Test func aCutShortHandshakeWaitsForMore() {
        var pair = MSEPair(initialPayload: [1, 2, 3])
        pair.responder.handle(pair.initiator.nextBytesToSend())
        pair.initiator.handle(pair.responder.nextBytesToSend())
        pair.responder.handle(pair.initiator.nextBytesToSend().dropLast())
        #expect(pair.responder.error == nil)
        #expect(pair.responder.hasSucceeded == false)
        #expect(pair.responder.nextBytesToSend().isEmpty)
    }

    @Test func garbageNeverSucceeds() {
        for seed in UInt64(0)..<200 {
            var generator = SeededRandom(seed: seed)
            var responder = MSEEnd(MSEHandshake(using: &generator))
            var initiator = MSEEnd(MSEHandshake(initiatorFor: TestTorrent.skey, using: &generator))
            let garbage = generator.nextBytes(count: 2000)
            responder.handle(garbage)
            initiator.handle(garbage)
            #expect(responder.error != nil, "seed \(seed)")
            #expect(initiator.error != nil, "seed \(seed)")
        }
    }

    /// Flips, drops and inserts bytes in valid handshakes. Each handshake must end in success or an error.
    @Test func mutationsNeverCrash() {
        var successCount = 0
        for seed in UInt64(0)..<3000 {
            var generator = SeededRandom(seed: seed)
            var pair = MSEPair(initialPayload: [9, 9, 9], seed: seed)
            while true {
                let there = mutate(pair.initiator.nextBytesToSend(), &generator)
                pair.responder.handle(there)
                let back = mutate(pair.responder.nextBytesToSend(), &generator)
                pair.initiator.handle(back)
                if there.isEmpty, back.isEmpty { break }
            }
            if pair.initiator.outcome != nil, pair.responder.outcome != nil { successCount += 1 }
            #expect(pair.initiator.hasSucceeded == false || pair.initiator.error == nil, "seed \(seed)")
        }
        #expect(successCount > 0, "some mutations only affect pads")
        #expect(successCount < 3000, "some mutations break the handshake")
    }

    private func mutate(_ bytes: [UInt8], _ generator: inout SeededRandom) -> [UInt8] {
        guard !bytes.isEmpty, Bool.random(using: &generator) else { return bytes }
        var bytes = bytes
        let position = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[position] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes.remove(at: position)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: position)
        default: bytes.removeSubrange(position...)
        }
        return bytes
    }

    /// Plays `script` to a responder in parts, and returns its error.
    private func respond(to script: Script, in largestPart: Int) -> MSEError? {
        var generator = SeededRandom(seed: 3)
        var end = MSEEnd(MSEHandshake(using: &generator))
        end.handle(Self.publicKey)
        let secret = Array(end.nextBytesToSend().prefix(96))
        play(script.makeBytes(secret), to: &end, in: largestPart)
        #expect(end.hasSucceeded == (end.error == nil))
        return end.error
    }

    /// Plays `script` to an initiator in parts, and returns its error.
    private func initiate(to script: Script, offering: MSEMethods = .any, in largestPart: Int) -> MSEError? {
        var generator = SeededRandom(seed: 4)
        var end = MSEEnd(MSEHandshake(initiatorFor: TestTorrent.skey, offering: offering, using: &generator))
        let secret = Array(end.nextBytesToSend().prefix(96))
        end.handle(Self.publicKey)
        play(script.makeBytes(secret), to: &end, in: largestPart)
        #expect(end.hasSucceeded == (end.error == nil))
        return end.error
    }

    private func play(_ bytes: [UInt8], to end: inout MSEEnd, in largestPart: Int) {
        var rest = bytes[...]
        while !rest.isEmpty {
            end.handle(Array(rest.prefix(largestPart)))
            rest = rest.dropFirst(largestPart)
        }
    }
}

/// What the scripted peer sends after its public key.
private struct Script {
    var pad: [UInt8]
    /// The part that is sent encrypted.
    var hidden: [UInt8]
    var isInitiator: Bool

    static func initiator(pad: [UInt8] = [], hidden: [UInt8]) -> Script {
        Script(pad: pad, hidden: hidden, isInitiator: true)
    }

    static func responder(pad: [UInt8] = [], hidden: [UInt8]) -> Script {
        Script(pad: pad, hidden: hidden, isInitiator: false)
    }

    static func provision(
        verification: UInt8 = 0,
        methods: UInt32 = 3,
        padLength: Int = 0,
        payloadLength: Int = 0
    ) -> [UInt8] {
        [0, 0, 0, 0, 0, 0, 0, verification] + bigEndian(methods) + bigEndian(UInt16(padLength))
            + [UInt8](repeating: 0, count: padLength) + bigEndian(UInt16(payloadLength))
            + [UInt8](repeating: 1, count: payloadLength)
    }

    static func selection(method: UInt32 = 2, padLength: Int = 0) -> [UInt8] {
        [UInt8](repeating: 0, count: 8) + bigEndian(method) + bigEndian(UInt16(padLength))
            + [UInt8](repeating: 0, count: padLength)
    }

    func makeBytes(_ secret: [UInt8]) -> [UInt8] {
        let key = SHA1.hash(Array((isInitiator ? "keyA" : "keyB").utf8) + secret + TestTorrent.skey.bytes)
        var stream = RC4(key: key.bytes, discarding: 1024)
        var hidden = hidden
        stream.apply(to: &hidden)
        guard isInitiator else { return pad + hidden }
        let synchronisation = SHA1.hash(Array("req1".utf8) + secret).bytes
        let lookup = MSEHandshake.lookupKey(for: TestTorrent.skey).bytes
        let mask = SHA1.hash(Array("req3".utf8) + secret).bytes
        return pad + synchronisation + zip(lookup, mask).map { $0 ^ $1 } + hidden
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
