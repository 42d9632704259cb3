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

/// Which files the data of each piece lies in.
///
/// Files stand in the order of the piece space and cover it without a gap, as in `TorrentInfo.files`.
struct PieceSegmentMap: Sendable {
    let geometry: PieceGeometry
    /// The files that hold bytes, and where each ends in the piece space.
    private let spans: [Span]

    private struct Span {
        let file: Int
        let range: Range<Int>
    }

    init(geometry: PieceGeometry, files: [FileEntry]) {
        self.geometry = geometry
        spans = files.enumerated().compactMap { index, file in
            file.size > 0 ? Span(file: index, range: file.range) : nil
        }
    }

    /// The data of `piece` in order, without the padding at its end. `piece` must exist.
    func segments(of piece: PieceIndex) -> [PieceSegment] {
        let start = piece.int * geometry.pieceLength
        let range = start..<start + geometry.dataByteCount(of: piece)
        var segments: [PieceSegment] = []
        for span in spans[firstSpan(after: start)...] {
            guard span.range.lowerBound < range.upperBound else { break }
            let common = span.range.clamped(to: range)
            segments.append(
                PieceSegment(
                    piece: piece,
                    offset: common.lowerBound - start,
                    file: span.file,
                    offsetInFile: common.lowerBound - span.range.lowerBound,
                    byteCount: common.count
                )
            )
        }
        return segments
    }

    /// The first span that ends after `offset`.
    private func firstSpan(after offset: Int) -> Int {
        var low = 0
        var high = spans.count
        while low < high {
            let middle = (low + high) / 2
            if spans[middle].range.upperBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
