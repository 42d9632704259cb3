// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A range of one piece that lies in one file.
struct PieceSegment: Hashable, Sendable {
    let piece: PieceIndex
    /// The offset in the piece, in bytes.
    var offset: Int
    /// The index of the file among all files.
    let file: Int
    /// The offset in the file, in bytes.
    var offsetInFile: Int
    var byteCount: Int
    /// False for padding, which is all zeros.
    let isStored: Bool

    /// Removes and returns the first `count` bytes, or all if there are fewer.
    mutating func removeFirst(_ count: Int) -> PieceSegment {
        var head = self
        head.byteCount = min(count, byteCount)
        offset += head.byteCount
        offsetInFile += head.byteCount
        byteCount -= head.byteCount
        return head
    }
}

extension FileLayout {
    /// The data of `piece` in order, without trailing padding. `piece` must exist.
    func segments(of piece: PieceIndex, geometry: PieceGeometry) -> [PieceSegment] {
        let start = piece.int * geometry.pieceLength
        var offset = 0
        return segments(of: start..<start + geometry.dataByteCount(of: piece)).map { segment in
            defer { offset += segment.count }
            return PieceSegment(
                piece: piece,
                offset: offset,
                file: segment.file,
                offsetInFile: segment.offset,
                byteCount: segment.count,
                isStored: segment.isStored
            )
        }
    }
}
