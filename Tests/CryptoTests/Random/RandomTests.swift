// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

@Suite struct RandomTests {
    /// The expected words were computed by an independent implementation of SplitMix64 and xoshiro256**.
    @Test func aSeedNamesItsSequence() {
        var generator = SeededRandom(seed: 1_234_567)
        #expect(generator.next() == 0x30a3_a1c3_6360_0467)
        #expect(generator.next() == 0x1940_5f0f_5799_29ca)
        #expect(generator.next() == 0x115b_eaac_046d_dbd9)
        #expect(generator.next() == 0xeb17_caf4_8f27_d7f6)
    }

    @Test func childrenDoNotDisturbTheirParent() {
        var parent = SeededRandom(seed: 1)
        var child = parent.makeChild()
        var twin = SeededRandom(seed: 1)
        _ = twin.makeChild()
        for _ in 0..<10 { _ = child.next() }
        #expect(parent == twin)
        #expect(parent.next() == twin.next())
    }

    @Test func bytesAreTheWordsInOrder() {
        var words = SeededRandom(seed: 5)
        var bytes = words
        let expected = (0..<3).flatMap { _ in
            let word = words.next()
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        }
        #expect(bytes.nextBytes(count: 20) == Array(expected[..<20]))
        #expect(bytes.nextBytes(count: 0).isEmpty)
        #expect(bytes == words)
    }

    @Test func secureBytesDiffer() {
        var generator = SecureRandom()
        #expect(generator.nextBytes(count: 32) != generator.nextBytes(count: 32))
        #expect(SecureRandom.bytes(count: 32) != SecureRandom.bytes(count: 32))
        #expect(SecureRandom.bytes(count: 0).isEmpty)
    }
}
