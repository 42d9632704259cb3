// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// Messages that a hostile peer sends: right ones, some of them cut short, changed or lengthened, and nonsense.
struct HostileMessages {
    private let messages: [[UInt8]]
    private let longest: Int
    private var random: SeededRandom

    init(_ messages: [[UInt8]], longest: Int, seed: UInt64) {
        self.messages = messages
        self.longest = max(1, longest)
        random = SeededRandom(seed: seed)
    }

    mutating func next() -> [UInt8] {
        var bytes = messages.randomElement(using: &random) ?? []
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return bytes
        case 1: return Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
        case 2 where !bytes.isEmpty:
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            return bytes
        case 3: return bytes + random.nextBytes(count: Int.random(in: 1...64, using: &random))
        default: return random.nextBytes(count: Int.random(in: 1...longest, using: &random))
        }
    }
}
