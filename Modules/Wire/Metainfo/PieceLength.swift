// SPDX-License-Identifier: Apache-2.0

/// How long to make the pieces of a new torrent.
public enum PieceLength {
    /// The longest that is suggested: longer pieces make a mistake dear, and a block late to be passed on.
    public static let maximumSuggested = 16 << 20

    /// A power of two of at least 16 KiB, which gives `totalSize` bytes about 1,500 pieces, and more pieces only where they
    /// would be longer than 16 MiB.
    public static func suggested(totalSize: Int) -> Int {
        var length = Block.byteCount
        while length < maximumSuggested, totalSize / length > 2_048 { length *= 2 }
        return length
    }
}
