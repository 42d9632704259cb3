// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Maps the piece space to files.
///
/// Invariant: files lie one after the other without gaps, so their ends ascend and binary search finds an offset.
package struct FileLayout: Sendable {
    private struct Extent {
        let range: Range<Int>
        /// False for padding and symbolic links, which have no bytes on disk.
        let isStored: Bool
    }

    private let extents: [Extent]
    let pieceLength: Int
    let totalSize: Int

    package init(_ info: TorrentInfo) { self.init(files: info.files, geometry: info.geometry) }

    /// `files` must cover the piece space without gaps, as `TorrentInfo.files` does.
    init(files: [FileEntry], geometry: PieceGeometry) {
        extents = files.map { Extent(range: $0.range, isStored: !$0.isPadding && $0.symlinkTarget == nil) }
        pieceLength = geometry.pieceLength
        totalSize = geometry.spaceSize
    }

    /// The number of files, including padding.
    var fileCount: Int { extents.count }

    /// Whether `file` has bytes on disk.
    func isStored(_ file: Int) -> Bool { extents[file].isStored && !extents[file].range.isEmpty }

    /// The range of `file` in the piece space.
    func range(of file: Int) -> Range<Int> { extents[file].range }

    /// The pieces that hold bytes of `file`.
    func pieces(of file: Int) -> Range<Int> {
        let range = extents[file].range
        guard !range.isEmpty, pieceLength > 0 else { return 0..<0 }
        return range.lowerBound / pieceLength..<(range.upperBound - 1) / pieceLength + 1
    }

    /// The range in the piece space of `count` bytes at `offset` in `piece`; nil unless all of them are in that piece.
    func span(piece: PieceIndex, offset: Int, count: Int) -> Range<Int>? {
        let (begin, overflow) = piece.int.multipliedReportingOverflow(by: pieceLength)
        guard !overflow, begin < totalSize || count == 0, offset >= 0, count >= 0 else { return nil }
        let length = min(pieceLength, totalSize - begin)
        guard offset <= length, count <= length - offset else { return nil }
        return begin + offset..<begin + offset + count
    }

    /// Splits `range` by file.
    package func segments(of range: Range<Int>) -> Segments {
        Segments(layout: self, rest: range, file: firstFile(at: range.lowerBound))
    }

    /// Returns the first file that ends after `position`.
    private func firstFile(at position: Int) -> Int {
        extents.partitioningIndex { $0.range.upperBound > position }
    }

    /// A range of bytes in one file.
    package struct Segment: Hashable, Sendable {
        /// The index of the file in the torrent.
        package let file: Int
        /// The offset in the file, in bytes.
        package let offset: Int
        /// The number of bytes.
        package let count: Int
        /// False for padding, which is all zeros.
        package let isStored: Bool
    }

    /// Iterates over the files in a range without allocating.
    package struct Segments: Sequence, IteratorProtocol {
        fileprivate let layout: FileLayout
        fileprivate var rest: Range<Int>
        fileprivate var file: Int

        package mutating func next() -> Segment? {
            while !rest.isEmpty, file < layout.extents.count {
                let extent = layout.extents[file]
                let end = Swift.min(extent.range.upperBound, rest.upperBound)
                defer { file += 1 }
                guard end > rest.lowerBound else { continue }
                let segment = Segment(
                    file: file,
                    offset: rest.lowerBound - extent.range.lowerBound,
                    count: end - rest.lowerBound,
                    isStored: extent.isStored
                )
                rest = end..<rest.upperBound
                return segment
            }
            return nil
        }
    }
}
