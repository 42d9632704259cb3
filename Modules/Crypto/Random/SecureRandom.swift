// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// The operating system's random number generator, through libsodium: for keys, nonces, tokens and everything else that
/// an attacker must not guess. It has no state, so copies are harmless.
public struct SecureRandom: RandomNumberGenerator, Sendable {
    /// Creates a generator. This draws no randomness.
    public init() { Sodium.start() }

    /// Returns 64 random bits.
    public mutating func next() -> UInt64 {
        var word: UInt64 = 0
        randombytes_buf(&word, MemoryLayout<UInt64>.size)
        return word
    }

    /// Returns `count` random bytes from a single call of the generator.
    public static func bytes(count: Int) -> [UInt8] {
        Sodium.start()
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            if let address = buffer.baseAddress { randombytes_buf(address, count) }
            filled = count
        }
    }
}
