// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

/// Calls `body` once per seed; it returns whether the parser accepted the input. Records an issue if none or all were
/// accepted, because the mutations then no longer test what is accepted, or what is rejected.
func forEachMutation(
    seeds: Range<UInt64> = 0..<2000,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (UInt64, inout SeededRandom) throws -> Bool
) rethrows {
    var taken = 0
    for seed in seeds {
        var random = SeededRandom(seed: seed)
        if try body(seed, &random) { taken += 1 }
    }
    #expect(taken > 0 && taken < seeds.count, "\(taken) of \(seeds.count) were read", sourceLocation: sourceLocation)
}

/// The library's repeatable generator, with what tests of parsers also need.
struct SeededRandom: RandomNumberGenerator {
    private var generator: RucheCrypto.SeededRandom

    init(seed: UInt64) { generator = RucheCrypto.SeededRandom(seed: seed) }

    mutating func next() -> UInt64 { generator.next() }

    mutating func bytes(count: Int) -> [UInt8] { generator.nextBytes(count: count) }

    /// Returns `input` with a few bytes changed, removed, repeated or inserted.
    mutating func mutating(_ input: [UInt8]) -> [UInt8] {
        var output = input
        for _ in 0..<Int.random(in: 1...3, using: &self) where !output.isEmpty {
            let index = Int.random(in: output.indices, using: &self)
            switch Int.random(in: 0..<5, using: &self) {
            case 0: output[index] = UInt8(truncatingIfNeeded: next())
            case 1: output[index] = output.randomElement(using: &self) ?? 0
            case 2: output.remove(at: index)
            case 3: output.insert(Array("0123456789deil:-".utf8).randomElement(using: &self) ?? 0, at: index)
            default: output.replaceSubrange(index..., with: output[..<index])
            }
        }
        return output
    }
}
