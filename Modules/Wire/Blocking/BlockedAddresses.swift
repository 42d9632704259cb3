// SPDX-License-Identifier: Apache-2.0

/// Addresses to which no connection is opened, and from which none is accepted.
///
///     var parser = BlockListParser()
///     try parser.handle(bytes)
///     try parser.handleEndOfFile()
///     configuration.blocked = BlockedAddresses(parser.ranges)
///
/// It takes 8 bytes for each IPv4 range and 32 for each IPv6 range; copies share them.
public struct BlockedAddresses: Sendable, Equatable {
    private let v4: DisjointRanges<UInt32>
    private let v6: DisjointRanges<UInt128>

    /// Blocks the addresses of `ranges`, in any order. By default blocks none. O(n log n).
    public init(_ ranges: [AddressRange] = []) {
        v4 = DisjointRanges(
            ranges.compactMap { range in
                guard range.first.isIPv4 else { return nil }
                return UInt32(truncatingIfNeeded: range.first.low)...UInt32(truncatingIfNeeded: range.last.low)
            }
        )
        v6 = DisjointRanges(
            ranges.compactMap { range in
                range.first.isIPv4 ? nil : range.first.number...range.last.number
            }
        )
    }

    /// The number of ranges after those that touch each other have been merged.
    public var rangeCount: Int { v4.count + v6.count }

    /// Returns whether `address` is blocked. O(log n).
    public func contains(_ address: IPAddress) -> Bool {
        address.isIPv4 ? v4.contains(UInt32(truncatingIfNeeded: address.low)) : v6.contains(address.number)
    }
}
