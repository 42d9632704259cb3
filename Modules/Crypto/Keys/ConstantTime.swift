// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// Comparisons whose time tells nothing of the bytes compared, only of their number.
public enum ConstantTime {
    /// Whether both hold the same bytes; buffers of different length differ.
    public static func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        guard a.count == b.count else { return false }
        guard let first = a.baseAddress, let second = b.baseAddress else { return true }
        return sodium_memcmp(first, second, a.count) == 0
    }

    /// Whether both hold the same bytes; arrays of different length differ.
    public static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.withUnsafeBytes { left in b.withUnsafeBytes { areEqual(left, $0) } }
    }
}
