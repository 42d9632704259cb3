// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// The place of a peak in a feed's tree.
package struct FeedPeak: Hashable, Sendable {
    /// Counted from the largest.
    package let number: Int
    package let layer: Int
    package let index: Int

    /// The places of all peaks over `leafCount` leaves, the largest first.
    package static func all(_ leafCount: Int) -> [FeedPeak] {
        var places: [FeedPeak] = []
        for layer in (0...MerkleLimits.maximumHeight).reversed() where leafCount >> layer & 1 == 1 {
            // All larger peaks come before it.
            places.append(FeedPeak(number: places.count, layer: layer, index: leafCount >> layer & ~1))
        }
        return places
    }

    /// Returns the peak over `leafCount` leaves that is above `place`, or there; nil if there is none. A complete tree
    /// over leaves that all exist is always below a single peak.
    package static func above(_ place: FeedPeak, in leafCount: Int) -> FeedPeak? {
        above(layer: place.layer, index: place.index, in: leafCount)
    }

    /// Returns the peak over `leafCount` leaves that is above this node, or there; nil if there is none.
    package static func above(layer: Int, index: Int, in leafCount: Int) -> FeedPeak? {
        all(leafCount).first { $0.layer >= layer && index >> ($0.layer - layer) == $0.index }
    }
}
