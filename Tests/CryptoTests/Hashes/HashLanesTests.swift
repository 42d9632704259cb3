// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

/// Hashing several messages at once gives the digests that OpenSSL computes for each alone.
@Suite struct HashLanesTests {
    /// Lengths around every boundary of a block and its padding, and some much longer ones.
    private static let lengths = Array(0...300) + [1_000, 4_095, 4_096, 16_384, 65_537]

    private static func expect<Digest: HashDigest>(_ digests: [Digest], of messages: [[UInt8]], _ comment: String = "")
    {
        let expected = messages.map { DigestHash<Digest>.hash($0) }
        #expect(digests == expected, "\(Digest.algorithm) \(comment)")
    }

    private static func hash<Digest: HashDigest>(_ messages: [[UInt8]], as: Digest.Type) -> [Digest] {
        var lanes = HashLanes<Digest>()
        return lanes.hash(messages.count, of: messages)
    }

    @Test func anyLength() {
        let messages = Self.lengths.map { makeBytes($0, seed: UInt64($0)) }
        Self.expect(Self.hash(messages, as: SHA1Digest.self), of: messages)
        Self.expect(Self.hash(messages, as: SHA256Digest.self), of: messages)
    }

    @Test func anyNumberOfMessages() {
        for count in 0...70 {
            let messages = (0..<count).map { makeBytes(100 + 64 * ($0 % 3), seed: UInt64($0)) }
            Self.expect(Self.hash(messages, as: SHA1Digest.self), of: messages, "\(count) messages")
            Self.expect(Self.hash(messages, as: SHA256Digest.self), of: messages, "\(count) messages")
        }
    }

    @Test func partsOfOneStretch() {
        let bytes = makeBytes(10_000, seed: 3)
        for byteCount in [1_000, 64, 999, 10_000, 20_000] {
            let parts = stride(from: 0, to: bytes.count, by: byteCount).map {
                Array(bytes[$0..<min($0 + byteCount, bytes.count)])
            }
            var lanes = HashLanes<SHA256Digest>()
            var digests = [SHA256Digest()]
            bytes.withUnsafeBytes { lanes.hash(partsOf: $0, of: byteCount, into: &digests) }
            Self.expect(Array(digests.dropFirst()), of: parts, "parts of \(byteCount)")
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 9, 16, 17] as [Int])
    func streamsTakeUnevenParts(count: Int) {
        check(SHA1Digest.self)
        check(SHA256Digest.self)

        func check<Digest: HashDigest>(_: Digest.Type) {
            var generator = SeededRandom(seed: UInt64(count))
            var streams = HashStreams<Digest>(count: count)
            for _ in 0..<3 {
                var messages = [[UInt8]](repeating: [], count: count)
                for _ in 0..<20 {
                    let lengths = (0..<count).map { _ in Int(generator.next() % 300) }
                    let parts = lengths.map { generator.nextBytes(count: $0) }
                    for (stream, part) in parts.enumerated() {
                        messages[stream] += part
                        part.withUnsafeBytes { bytes in
                            streams.append(bytes, to: stream)
                            // The part is freed after this.
                            streams.run()
                        }
                    }
                }
                Self.expect(streams.finish(0..<count), of: messages, "\(count) streams")
            }
        }
    }

    @Test func appendingTwiceKeepsTheOrder() {
        let bytes = makeBytes(1_000, seed: 9)
        var streams = HashStreams<SHA256Digest>(count: 2)
        bytes.withUnsafeBytes { bytes in
            for range in [0..<500, 500..<501, 501..<1_000] {
                streams.append(UnsafeRawBufferPointer(rebasing: bytes[range]), to: 1)
            }
            Self.expect(streams.finish(0..<2), of: [[], Array(bytes)])
        }
    }

    @Test func aResetStreamStartsOver() {
        let bytes = makeBytes(500, seed: 4)
        var streams = HashStreams<SHA1Digest>(count: 2)
        bytes.withUnsafeBytes { bytes in
            streams.append(bytes, to: 0)
            streams.append(bytes, to: 1)
            streams.reset(0)
            Self.expect(streams.finish(0..<2), of: [[], Array(bytes)])
        }
    }

    @Test func theBestCountIsALaneCount() {
        #expect(1...16 ~= HashStreams<SHA1Digest>.bestCount)
        #expect(1...16 ~= HashStreams<SHA256Digest>.bestCount)
    }
}

extension HashLanes {
    /// Returns the digests of whole arrays.
    mutating func hash(_ count: Int, of messages: [[UInt8]]) -> [Digest] {
        let all = messages.flatMap(\.self)
        return all.withUnsafeBytes { all in
            var start = 0
            let parts = messages.map { message in
                defer { start += message.count }
                return UnsafeRawBufferPointer(rebasing: all[start..<start + message.count])
            }
            return hash(parts)
        }
    }
}

/// Returns random bytes for a seed.
func makeBytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SeededRandom(seed: seed)
    return generator.nextBytes(count: count)
}
