// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// A set of addresses whose size can only be estimated: a Bloom filter of 2,048 bits with two hashes (BEP 33).
package struct ScrapeFilter: Hashable, Sendable {
    /// The size of the filter: 256 bytes.
    package static let byteCount = 256
    /// The number of bits that one address sets.
    static let hashCount = 2

    /// The filter as it is sent.
    package private(set) var bytes = [UInt8](repeating: 0, count: byteCount)

    /// Creates an empty set.
    package init() {}

    /// Creates a filter as received; nil unless there are 256 bytes.
    package init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// Adds an address, without its port.
    package mutating func insert(_ address: IPAddress) {
        let hash = SHA1.hash(address.compactBytes).bytes
        for start in [0, 2] {
            let index = (Int(hash[start]) | Int(hash[start + 1]) << 8) % (8 * Self.byteCount)
            bytes[index / 8] |= 1 << UInt8(index % 8)
        }
    }

    /// Adds all addresses of `other`.
    package mutating func formUnion(_ other: ScrapeFilter) {
        for index in bytes.indices { bytes[index] |= other.bytes[index] }
    }

    /// The number of clear bits.
    var clearBitCount: Int { bytes.reduce(8 * Self.byteCount) { $0 - $1.nonzeroBitCount } }
}
