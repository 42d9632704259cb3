// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension ScrapeFilter {
    /// The estimated number of addresses in the set. Above about 6,000 the estimate becomes unreliable (BEP 33).
    package var estimatedCount: Double {
        guard clearBitCount < 8 * Self.byteCount else { return 0 }
        let bits = Double(8 * Self.byteCount)
        let clear = Double(max(1, clearBitCount))
        return log(clear / bits) / (Double(Self.hashCount) * log(1 - 1 / bits))
    }
}
