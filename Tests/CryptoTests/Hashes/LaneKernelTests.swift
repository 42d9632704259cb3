// SPDX-License-Identifier: Apache-2.0

import CHashLanes
import CWideLanes
import RucheCrypto
import Testing

/// Compares each kernel with OpenSSL, including those that are never chosen on this processor.
@Suite struct LaneKernelTests {
    private static let algorithms = [HASH_LANES_SHA1, HASH_LANES_SHA256]

    /// Computes digests with `compress`, which is called for the whole blocks of the messages, then for their padding.
    private static func digests(
        of messages: [UnsafeRawBufferPointer],
        _ algorithm: hash_lanes_algorithm,
        compress: ([hash_lanes_work]) -> Void
    ) -> [[UInt8]] {
        let states = UnsafeMutableBufferPointer<hash_lanes_state>.allocate(capacity: messages.count)
        defer { states.deallocate() }
        states.initialize(repeating: hash_lanes_initial_state(algorithm))
        func run(_ messages: [UnsafeRawBufferPointer]) {
            compress(
                messages.enumerated().compactMap { index, bytes in
                    guard let state = states.baseAddress else { return nil }
                    let data = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    return hash_lanes_work(state: state + index, data: data, blocks: bytes.count / 64)
                }
            )
        }
        let ends = messages.map { Padding.end(of: $0) }
        run(messages)
        let all = ends.flatMap(\.self)
        all.withUnsafeBytes { all in
            var start = 0
            run(
                ends.map { end in
                    defer { start += end.count }
                    return UnsafeRawBufferPointer(rebasing: all[start..<start + end.count])
                }
            )
        }
        return states.map { Padding.bytes(of: $0, algorithm) }
    }

    private static func expected(_ messages: [UnsafeRawBufferPointer], _ algorithm: hash_lanes_algorithm) -> [[UInt8]] {
        messages.map { algorithm == HASH_LANES_SHA1 ? SHA1.hash($0).bytes : SHA256.hash($0).bytes }
    }

    private static func names(_ algorithm: hash_lanes_algorithm) -> [String] {
        (0..<hash_lanes_kernel_count(algorithm)).map { String(cString: hash_lanes_kernel_name_at(algorithm, $0)) }
    }

    /// Checks every kernel on `messages`, given as ranges of `bytes`.
    private func check(_ bytes: [UInt8], _ messages: [Range<Int>]) {
        bytes.withUnsafeBytes { bytes in
            let messages = messages.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
            for algorithm in Self.algorithms {
                let expected = Self.expected(messages, algorithm)
                for (index, name) in Self.names(algorithm).enumerated() {
                    let found = Self.digests(of: messages, algorithm) {
                        hash_lanes_compress_with(algorithm, index, $0, $0.count)
                    }
                    #expect(found == expected, "\(name), \(messages.count) messages")
                }
                let chosen = Self.digests(of: messages, algorithm) { hash_lanes_compress(algorithm, $0, $0.count) }
                #expect(chosen == expected)
            }
        }
    }

    @Test func everyLengthToThreeHundred() {
        let bytes = makeBytes(400, seed: 1)
        check(bytes, (0...300).map { 0..<$0 })
    }

    @Test func everyFillOfTheLanes() {
        let bytes = makeBytes(40 * 200, seed: 2)
        for count in 1...40 { check(bytes, (0..<count).map { $0 * 200..<$0 * 200 + 192 }) }
    }

    @Test func unequalLengths() {
        var generator = SeededRandom(seed: 3)
        let bytes = generator.nextBytes(count: 1 << 16)
        for count in [2, 3, 7, 16, 31] {
            check(
                bytes,
                (0..<count).map { _ in
                    let length = Int(generator.next() % 20_000)
                    let start = Int(generator.next() % UInt64(bytes.count - length))
                    return start..<start + length
                }
            )
        }
    }

    @Test func everyAlignment() {
        let bytes = makeBytes(2_048, seed: 4)
        check(bytes, (0..<64).map { $0..<$0 + 1_000 })
    }

    @Test func sixteenLanesAreRightOnAnyProcessor() {
        let bytes = makeBytes(16 * 1_000, seed: 5)
        bytes.withUnsafeBytes { bytes in
            let messages = (0..<16).map { UnsafeRawBufferPointer(rebasing: bytes[$0 * 1_000..<$0 * 1_000 + 960]) }
            for (algorithm, kernel) in [(HASH_LANES_SHA1, wide_lanes_sha1), (HASH_LANES_SHA256, wide_lanes_sha256)] {
                let found = Self.digests(of: messages, algorithm) { work in
                    kernel(work.map(\.state), work.map(\.data), work[0].blocks)
                }
                #expect(found == Self.expected(messages, algorithm))
            }
        }
    }

    @Test func openSSLIsTheLastResort() {
        #expect(Self.algorithms.count == 2)
        for algorithm in Self.algorithms {
            #expect(Self.names(algorithm).last == "OpenSSL")
            #expect(String(cString: hash_lanes_kernel_name(algorithm, 1)) == "OpenSSL")
        }
    }
}

/// The padding of FIPS 180-4, written as simply as possible.
private enum Padding {
    /// Returns what follows the whole blocks: the rest of the message, a one bit, zeros, and the length in bits.
    static func end(of message: UnsafeRawBufferPointer) -> [UInt8] {
        var end = Array(message.suffix(message.count % 64)) + [0x80]
        while end.count % 64 != 56 { end.append(0) }
        return end + (0..<8).reversed().map { UInt8(truncatingIfNeeded: (message.count * 8) >> (8 * $0)) }
    }

    static func bytes(of state: hash_lanes_state, _ algorithm: hash_lanes_algorithm) -> [UInt8] {
        withUnsafeBytes(of: state.words) { words in
            (0..<(algorithm == HASH_LANES_SHA1 ? 5 : 8)).flatMap { index in
                let word = words.load(fromByteOffset: 4 * index, as: UInt32.self)
                return (0..<4).reversed().map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
            }
        }
    }
}
