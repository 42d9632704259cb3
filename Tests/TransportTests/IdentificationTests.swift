// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire
import Testing

/// The first bytes of strangers, without sockets.
struct IdentificationTests {
    /// An encrypted stranger, which sends its bytes in response to what it receives.
    private struct Stranger: ~Copyable {
        var handshake: MSEHandshake
        var identification: IncomingIdentification
        var batch: ChannelBatch

        init(seed: UInt64, offering methods: MSEMethods, payload: [UInt8]) {
            var random = SeededRandom(seed: seed)
            handshake = MSEHandshake(
                initiatorFor: .swarm,
                offering: methods,
                initialPayload: payload,
                using: &random
            )
            identification = makeIdentification()
            batch = ChannelBatch(random: random)
        }

        /// Exchanges everything, in portions of `step` bytes; `change` may corrupt what the stranger sends.
        mutating func run(step: Int, change: (inout [UInt8]) -> Void = { _ in }) throws {
            while var bytes = handshake.nextBytesToSend() {
                change(&bytes)
                for start in stride(from: 0, to: bytes.count, by: step) {
                    let portion = ByteBuffer(bytes: bytes[start..<min(bytes.count, start + step)])
                    try identification.handle(portion, in: &batch)
                    if let answer = batch.takeOutput() { try handshake.handle(Array(buffer: answer)) }
                }
            }
        }
    }

    @Test(arguments: [1, 2, 7, 47, 48, 96, 500, 5000])
    func encryptedStrangerIsIdentifiedHoweverItsBytesAreCut(step: Int) throws {
        for (methods, isEncrypted) in [(MSEMethods.any, true), (.rc4, true), (.plaintext, false)] {
            for payload in [[], Array(handshakeBytes().prefix(10)), handshakeBytes()] {
                var stranger = Stranger(seed: UInt64(step), offering: methods, payload: payload)
                try stranger.run(step: step)
                var rest = Array((handshakeBytes() + pattern(50)).dropFirst(payload.count))
                guard var outcome = stranger.handshake.nextOutcome() else {
                    Issue.record("no outcome with a payload of \(payload.count) bytes")
                    continue
                }
                if isEncrypted { outcome.outbound.apply(to: &rest) }
                try stranger.identification.handle(ByteBuffer(bytes: rest), in: &stranger.batch)
                #expect(stranger.identification.found?.infoHash == .swarm)
                #expect(stranger.identification.found?.channel.isPassthrough == !isEncrypted)
                #expect(Array(buffer: stranger.identification.received) == handshakeBytes() + pattern(50))
            }
        }
    }

    @Test func tooManyBytesAreAnError() throws {
        var batch = ChannelBatch(random: SeededRandom(seed: 1))
        let policy = EncryptionPolicy.prefer.channels
        var identification = IncomingIdentification(policy: policy, byteLimit: 100, findTorrent: { _ in nil })
        try identification.handle(ByteBuffer(bytes: handshakeBytes()), in: &batch)
        #expect(throws: TransportError.self) {
            try identification.handle(ByteBuffer(bytes: pattern(33)), in: &batch)
        }
    }

    @Test func handshakeIsForTheSwarmThatItIsEncryptedFor() throws {
        for methods in [MSEMethods.any, .rc4, .plaintext] {
            var other = handshakeBytes()
            other[28] ^= 1
            var stranger = Stranger(seed: 7, offering: methods, payload: other)
            #expect(throws: TransportError.self) { try stranger.run(step: 500) }
            #expect(stranger.identification.found == nil)
        }
    }

    /// Corrupt handshakes end in an error or a wait, never in a trap, and never in another swarm.
    @Test func mutatedHandshakesDoNoHarm() {
        var foundCount = 0
        for seed in UInt64(0)..<1500 {
            var mutations = SeededRandom(seed: seed)
            var plain = handshakeBytes() + pattern(20)
            mutate(&plain, using: &mutations)
            var identification = makeIdentification()
            var batch = ChannelBatch(random: mutations)
            try? identification.handle(ByteBuffer(bytes: plain), in: &batch)
            if let found = identification.found {
                #expect(found.infoHash.bytes == Array(plain[28..<48]), "seed \(seed)")
                #expect(Array(buffer: identification.received) == plain, "seed \(seed)")
            }

            var stranger = Stranger(seed: seed, offering: .any, payload: handshakeBytes())
            try? stranger.run(step: .random(in: 1...700, using: &mutations)) { mutate(&$0, using: &mutations) }
            if let found = stranger.identification.found {
                foundCount += 1
                let named = Array(buffer: stranger.identification.received).dropFirst(28).prefix(20)
                #expect(found.infoHash.bytes.elementsEqual(named), "seed \(seed)")
            }
        }
        #expect((100..<1400).contains(foundCount), "some mutations matter, some do not")
    }

    private func mutate(_ bytes: inout [UInt8], using random: inout SeededRandom) {
        guard !bytes.isEmpty else { return }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.removeSubrange(.random(in: bytes.indices, using: &random)...)
        default: bytes.insert(.random(in: 0...255, using: &random), at: .random(in: bytes.indices, using: &random))
        }
    }
}

private func makeIdentification() -> IncomingIdentification {
    let table = TorrentLookupTable()
    table.insert(.swarm)
    return IncomingIdentification(policy: EncryptionPolicy.prefer.channels, byteLimit: 128 * 1024) {
        table.infoHash(forLookupKey: $0)
    }
}
