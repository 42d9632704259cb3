// SPDX-License-Identifier: Apache-2.0

/// Suggests a piece length for a new torrent.
package enum PieceLength {
    /// Maximum suggested length. With longer pieces, errors cost more, and blocks can be shared only later.
    package static let maximumSuggested = 16 << 20

    /// Returns a power of two of at least 16 KiB that splits `totalSize` bytes into about 1,500 pieces, or more if they
    /// would be longer than 16 MiB.
    package static func suggested(totalSize: Int) -> Int {
        var length = Block.byteCount
        while length < maximumSuggested, totalSize / length > 2_048 { length *= 2 }
        return length
    }
}
