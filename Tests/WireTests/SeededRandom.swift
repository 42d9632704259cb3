// SPDX-License-Identifier: Apache-2.0

/// SplitMix64: the same numbers for the same seed, so that a failure can be repeated.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// `input` with a few bytes changed, removed, repeated or put in.
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
