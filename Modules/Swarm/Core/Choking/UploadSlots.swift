// SPDX-License-Identifier: Apache-2.0

/// How many peers may download at a time.
package enum UploadSlots: Hashable, Sendable {
    /// So many.
    case fixed(Int)
    /// As many as the upload rate feeds: few fast ones beat many slow ones, for each should finish pieces soon.
    case automatic

    /// Slots of a session that uploads next to nothing.
    static let fewest = 8
    /// Slots at the most.
    static let most = 100

    /// The slots for a total upload rate; they grow with its square root, as in the first BitTorrent clients.
    static func count(forRateBytesPerSecond rate: Double) -> Int {
        let count = (max(rate, 0) / 1024 * 0.6).squareRoot()
        return Int(min(max(count, Double(fewest)), Double(most)))
    }
}
