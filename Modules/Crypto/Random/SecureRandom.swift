// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// The operating system's generator, through libsodium: for keys, nonces, tokens and all that an attacker must not
/// guess. It holds no state, so copies are harmless.
public struct SecureRandom: RandomNumberGenerator, Sendable {
    /// Ready; nothing is drawn yet.
    public init() { Sodium.start() }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        var word: UInt64 = 0
        randombytes_buf(&word, MemoryLayout<UInt64>.size)
        return word
    }

    /// `count` random bytes, in one draw.
    public static func bytes(count: Int) -> [UInt8] {
        Sodium.start()
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            if let address = buffer.baseAddress { randombytes_buf(address, count) }
            filled = count
        }
    }
}
