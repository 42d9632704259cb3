// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Identifies a reader among those of its swarm.
package struct ReaderID: Hashable, Comparable, Sendable {
    package let rawValue: Int

    package init(_ rawValue: Int) { self.rawValue = rawValue }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// The pieces that a reader still needs, and how fast it uses them.
package struct ReadingSpan: Hashable, Sendable {
    /// From the piece that the reader waits for to its last.
    package var pieces: Range<Int>
    /// The bytes that it uses per second; nil for as many as it can get.
    package var bytesPerSecond: Int?

    package init(pieces: Range<Int>, bytesPerSecond: Int? = nil) {
        self.pieces = pieces
        self.bytesPerSecond = bytesPerSecond
    }
}

/// What a reader learns about the piece that it waits for.
package enum ReadingNews: Hashable, Sendable {
    /// The piece is verified and stored.
    case here
    /// The piece is not wanted, so it will not be downloaded.
    case unwanted
}
