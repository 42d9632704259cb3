// SPDX-License-Identifier: Apache-2.0

/// The number of peers that may download at a time.
package enum UploadSlots: Hashable, Sendable {
    /// A fixed number.
    case fixed(Int)
    /// A number that grows with the upload rate. Few fast uploads are better than many slow ones, because each peer
    /// should complete pieces soon.
    case automatic

    /// The number of automatic slots at a very low rate.
    static let fewest = 8
    /// The maximum number of automatic slots.
    static let most = 100

    /// Returns the number of slots for a total upload rate. It grows with the square root of the rate, as in the first
    /// BitTorrent clients.
    static func count(forRateBytesPerSecond rate: Double) -> Int {
        let count = (max(rate, 0) / 1024 * 0.6).squareRoot()
        return Int(min(max(count, Double(fewest)), Double(most)))
    }
}
