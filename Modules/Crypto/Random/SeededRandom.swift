// SPDX-License-Identifier: Apache-2.0

/// A small, fast generator whose sequence is determined by its seed: for simulations, tests, and cores that must
/// replay. Never use it for secrets; see `SecureRandom`.
///
/// xoshiro256** (Blackman and Vigna, 2018), seeded with SplitMix64.
public struct SeededRandom: RandomNumberGenerator, Hashable, Sendable {
    private var state: SIMD4<UInt64>

    /// Creates the generator for `seed`.
    public init(seed: UInt64) {
        var filler = SplitMix64(state: seed)
        state = SIMD4(filler.next(), filler.next(), filler.next(), filler.next())
    }

    /// Returns the next 64 bits of the sequence.
    public mutating func next() -> UInt64 {
        let result = rotate(state[1] &* 5, by: 7) &* 9
        let carried = state[1] << 17
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= carried
        state[3] = rotate(state[3], by: 45)
        return result
    }

    /// Returns an independent generator seeded from this one: for a part of a simulation that must not disturb the
    /// others.
    public mutating func makeChild() -> SeededRandom { SeededRandom(seed: next()) }

    private func rotate(_ value: UInt64, by bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }
}

private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
