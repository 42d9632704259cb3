// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// Comparisons that take a time which depends only on the number of bytes, not on their values.
package enum ConstantTime {
    /// Returns whether both buffers hold the same bytes. Buffers of different lengths are not equal.
    package static func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        guard a.count == b.count else { return false }
        guard let first = a.baseAddress, let second = b.baseAddress else { return true }
        return sodium_memcmp(first, second, a.count) == 0
    }

    /// Returns whether both arrays hold the same bytes. Arrays of different lengths are not equal.
    package static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.withUnsafeBytes { left in b.withUnsafeBytes { areEqual(left, $0) } }
    }
}
