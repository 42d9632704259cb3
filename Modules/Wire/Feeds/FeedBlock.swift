// SPDX-License-Identifier: Apache-2.0

/// A complete tree of pieces within a feed, whose nodes are proved together.
package struct FeedBlock: Hashable, Sendable {
    /// The highest block: 256 pieces.
    package static let maximumHeight = 8

    /// The first piece, a multiple of `pieceCount`.
    package let first: Int
    /// The number of layers above the pieces.
    package let height: Int

    /// The number of pieces.
    package var pieceCount: Int { 1 << height }
    /// The pieces.
    package var pieces: Range<Int> { first..<first + pieceCount }
    /// The index of its root among the nodes `height` layers above the pieces.
    package var index: Int { first >> height }

    /// Creates a block; nil unless it is aligned, and no higher than `maximumHeight`.
    package init?(first: Int, height: Int) {
        guard 0...Self.maximumHeight ~= height, first >= 0, first & ((1 << height) - 1) == 0,
            first <= Int(UInt32.max) - (1 << height)
        else { return nil }
        self.first = first
        self.height = height
    }

    /// The highest block that holds `piece` in a feed of `pieceCount` whole pieces; nil if the feed does not reach so
    /// far.
    package init?(holding piece: Int, of pieceCount: Int) {
        guard piece >= 0, let peak = FeedPeak.above(layer: 0, index: piece, in: pieceCount) else { return nil }
        let height = min(peak.layer, Self.maximumHeight)
        self.init(first: (piece >> height) << height, height: height)
    }
}
