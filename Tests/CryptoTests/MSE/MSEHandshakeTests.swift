// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

@Suite struct MSEHandshakeTests {
    private static let greeting = [19] + Array("BitTorrent protocol".utf8) + [UInt8](repeating: 7, count: 48)

    @Test(arguments: [1, 7, 100, Int.max])
    func bothRolesAgreeHoweverTheStreamIsCut(largestCut: Int) {
        for seed in UInt64(0)..<4 {
            for offering in [MSEMethods.plaintext, .rc4, .any] {
                for allowing in [MSEMethods.plaintext, .rc4, .any] {
                    for preferring in MSEMethod.allCases {
                        var pair = MSEPair(
                            offering: offering,
                            allowing: allowing,
                            preferring: preferring,
                            initialPayload: seed == 0 ? [] : Self.greeting,
                            largestCut: largestCut,
                            seed: seed
                        )
                        pair.run()
                        let common = offering.intersection(allowing)
                        if common.isEmpty {
                            #expect(pair.responder.error == .noCommonMethod(offered: offering))
                            #expect(pair.initiator.hasSucceeded == false)
                            continue
                        }
                        let expected = common == .any ? preferring : MSEMethod(rawValue: common.rawValue)
                        expectAgreement(&pair, on: expected, initialPayload: seed == 0 ? [] : Self.greeting, seed)
                    }
                }
            }
        }
    }

    private func expectAgreement(
        _ pair: inout MSEPair,
        on method: MSEMethod?,
        initialPayload: [UInt8],
        _ seed: UInt64
    ) {
        #expect(pair.initiator.outcome?.method == method, "seed \(seed)")
        #expect(pair.responder.outcome?.method == method, "seed \(seed)")
        #expect(pair.initiator.outcome?.skey == TestTorrent.skey)
        #expect(pair.responder.outcome?.skey == TestTorrent.skey)
        #expect(pair.responder.received == initialPayload, "seed \(seed)")
        let there = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 3) }
        let back = (0..<2000).map { UInt8(truncatingIfNeeded: $0 &* 5) }
        pair.exchange(there, back)
        pair.exchange([1, 2, 3], [4, 5])
        #expect(pair.responder.received == initialPayload + there + [1, 2, 3], "seed \(seed)")
        #expect(pair.initiator.received == back + [4, 5], "seed \(seed)")
    }

    /// The transcript was computed by an independent implementation in another language, with its own big integers and
    /// RC4. The generators always return the same word.
    @Test func transcriptMatchesAnIndependentImplementation() throws {
        let skey = try #require(SHA1Digest(Array(UInt8(0)..<20)))
        var words = ConstantGenerator(word: 0x0123_4567_89ab_cdef)
        var initiator = MSEHandshake(initiatorFor: skey, initialPayload: Array("hello".utf8), using: &words)
        words.word = 0xfedc_ba98_7654_3210
        var responder = MSEHandshake(using: &words)
        let first = initiator.nextBytesToSend() ?? []
        #expect(first.count == 98)
        #expect(SHA1.hash(first).description == "d2620caff4d59a07c7f6801a9c085500c668fd11")
        try responder.handle(first)
        let second = responder.nextBytesToSend() ?? []
        #expect(second.count == 606)
        #expect(SHA1.hash(second).description == "4d3a1b51794795a6f947aacf42c7d55945b7ff01")
        try initiator.handle(second)
        let third = initiator.nextBytesToSend() ?? []
        #expect(
            Hex.encode(third) == "39fed7ced43922817936649010fc0ade88d4bc995e30b03c4090df01622c1a380b4557e8d45a3de4"
                + "ba740094cbe25d62edc5984e3b11a09f3cb34b7dbb2a57"
        )
        try responder.handle(third) { _ in skey }
        let fourth = responder.nextBytesToSend() ?? []
        #expect(fourth.count == 524)
        #expect(SHA1.hash(fourth).description == "edfb21253475edc6c54ce801bce4f9aa399b2b11")
        try initiator.handle(fourth)
        var outcome = initiator.nextOutcome()
        var ping = Array("ping".utf8)
        outcome?.outbound.apply(to: &ping)
        #expect(Hex.encode(ping) == "87422e40")
        var pong = try #require(Hex.decode("1635ac61"))
        outcome?.inbound.apply(to: &pong)
        #expect(pong == Array("pong".utf8))
    }

    @Test func bytesBehindTheHandshakeAreDecrypted() {
        var pair = MSEPair(initialPayload: Self.greeting, largestCut: 1)
        pair.responder.handle(pair.initiator.nextBytesToSend())
        pair.initiator.handle(pair.responder.nextBytesToSend())
        pair.responder.handle(pair.initiator.nextBytesToSend())
        let payload = Array("at once".utf8)
        let last = pair.responder.nextBytesToSend()
        pair.initiator.handle(last + pair.responder.encrypt(payload))
        #expect(pair.initiator.received == payload)
        #expect(pair.responder.received == Self.greeting)
    }

    @Test func theSameSeedGivesTheSameBytes() {
        var first = MSEPair(seed: 9)
        var second = MSEPair(largestCut: 3, seed: 9)
        first.run()
        second.run()
        #expect(first.initiator.sent == second.initiator.sent)
        #expect(first.responder.sent == second.responder.sent)
    }

    @Test func handshakesOnManyThreadsDoNotDisturbEachOther() async {
        let failedSeeds = await withTaskGroup(of: UInt64?.self) { group in
            for seed in UInt64(0)..<64 {
                group.addTask {
                    var pair = MSEPair(initialPayload: Self.greeting, seed: seed)
                    pair.run()
                    return pair.responder.received == Self.greeting && pair.initiator.hasSucceeded ? nil : seed
                }
            }
            return await group.reduce(into: [UInt64]()) { if let seed = $1 { $0.append(seed) } }
        }
        #expect(failedSeeds.isEmpty)
    }

    @Test func aStrangersTorrentIsRefused() {
        var pair = MSEPair(wanting: TestTorrent.other)
        pair.run()
        #expect(pair.responder.error == .unknownTorrent(MSEHandshake.lookupKey(for: TestTorrent.other)))
        #expect(pair.initiator.hasSucceeded == false)
    }

    @Test func theDetectorTellsPlaintextFromMSE() {
        for count in 0..<MSEDetector.decisiveByteCount {
            #expect(MSEDetector.verdict(on: Self.greeting.prefix(count)) == .undecided)
            var bytes = Array(Self.greeting.prefix(count + 1))
            bytes[count] ^= 0x20
            #expect(MSEDetector.verdict(on: bytes) == .encrypted)
        }
        #expect(MSEDetector.verdict(on: Self.greeting.prefix(20)) == .plaintext)
        #expect(MSEDetector.verdict(on: Self.greeting) == .plaintext)
    }
}

private struct ConstantGenerator: RandomNumberGenerator {
    var word: UInt64
    mutating func next() -> UInt64 { word }
}
