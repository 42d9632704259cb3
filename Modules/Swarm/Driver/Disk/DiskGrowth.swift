// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire

/// How far a store has followed content that grows at its end and drops its beginning. Owner: `TorrentDisk`.
struct DiskGrowth: Sendable {
    private(set) var geometry: PieceGeometry
    private var firstPiece = 0
    /// The size that the store has made room for.
    private var grownTo: Int
    /// The piece that the store was last asked to trim to.
    private var trimmedTo = 0

    /// Creates the state of a torrent, which never grows.
    init(_ geometry: PieceGeometry) {
        self.geometry = geometry
        grownTo = geometry.spaceSize
    }

    init(_ shape: ContentShape) {
        self.init(shape.geometry)
        firstPiece = shape.firstPiece
        trimmedTo = firstPiece
    }

    mutating func handleShape(_ shape: ContentShape) {
        geometry.grow(to: shape.byteCount)
        firstPiece = max(firstPiece, shape.firstPiece)
    }

    /// Follows the content, on a pool thread. O(1) while nothing has changed.
    ///
    /// - Throws: `StorageError` if the store cannot follow now. Try again later.
    mutating func follow(with abilities: StoreAbilities, _ journal: ResumeJournal?) throws(StorageError) {
        if geometry.spaceSize > grownTo {
            try abilities.growth?.grow(to: geometry)
            try journal?.append(grownTo: geometry.pieceCount)
            grownTo = geometry.spaceSize
        }
        if firstPiece > trimmedTo {
            try abilities.trimming?.trim(before: PieceIndex(firstPiece))
            trimmedTo = firstPiece
        }
    }
}
