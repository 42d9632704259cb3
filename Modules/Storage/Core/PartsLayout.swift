// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Maps a piece's bytes that belong to unwanted files to the parts file.
///
/// Only a piece that several files share can be wanted while one of its files is not. The torrent alone determines
/// these pieces, so a piece keeps its slot for ever and no index is stored.
struct PartsLayout: Sendable {
    /// The shared pieces, ascending; the index in this array is the slot.
    private let shared: [UInt32]
    private let pieceLength: Int

    init(_ layout: FileLayout) {
        var shared: [UInt32] = []
        var lastPiece = -1
        for file in 0..<layout.fileCount where layout.isStored(file) {
            let pieces = layout.pieces(of: file)
            if pieces.lowerBound == lastPiece, shared.last != UInt32(truncatingIfNeeded: lastPiece) {
                shared.append(UInt32(truncatingIfNeeded: lastPiece))
            }
            lastPiece = pieces.upperBound - 1
        }
        self.shared = shared
        pieceLength = layout.pieceLength
    }

    /// Returns the offset in the parts file for `offset` in `piece`; nil for a piece that lies in one file.
    func position(piece: Int, offset: Int) -> Int? {
        let place = shared.partitioningIndex { Int($0) >= piece }
        guard place < shared.count, Int(shared[place]) == piece else { return nil }
        return place * pieceLength + offset
    }
}
