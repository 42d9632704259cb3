// SPDX-License-Identifier: Apache-2.0

extension RandomNumberGenerator {
    /// Fills `bytes`, eight per `next()` in little-endian order, so the result is the same on every machine.
    package mutating func fill(_ bytes: UnsafeMutableRawBufferPointer) {
        var offset = 0
        while offset < bytes.count {
            var word = next()
            let end = Swift.min(offset + 8, bytes.count)
            while offset < end {
                bytes[offset] = UInt8(truncatingIfNeeded: word)
                word >>= 8
                offset += 1
            }
        }
    }

    /// Returns `count` random bytes.
    package mutating func nextBytes(count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            fill(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
            filled = count
        }
    }
}
