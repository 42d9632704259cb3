// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A stretch of one piece that lies in one file.
struct PieceSegment: Hashable, Sendable {
    let piece: PieceIndex
    /// Bytes from the beginning of the piece.
    var offset: Int
    /// The file, by its place in the list of all files.
    let file: Int
    /// Bytes from the beginning of the file.
    var offsetInFile: Int
    var byteCount: Int
    /// False for known zeros.
    let isStored: Bool

    /// Cuts off the first `count` bytes, or all where there are fewer, and returns them.
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
    /// The data of `piece` in order, without the padding at its end. `piece` must exist.
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
