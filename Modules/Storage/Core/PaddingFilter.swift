// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Hides padding (BEP 47) from a store: it reads as zeros and is dropped on write. Other bytes pass unchanged.
package struct PaddingFilter: Sendable {
    /// Nil if nothing is ever padded.
    private let layout: FileLayout?
    /// False for nearly all torrents, which then skip the filter.
    private let hasPadding: Bool

    /// For content without padding.
    package init() {
        layout = nil
        hasPadding = false
    }

    package init(_ info: TorrentInfo) {
        layout = FileLayout(info)
        hasPadding = info.files.contains { $0.isPadding && $0.size > 0 }
    }

    /// Fills `chunks` from `offset` in `piece`.
    package func read(
        _ store: any PieceStore,
        piece: PieceIndex,
        offset: Int,
        into chunks: [UnsafeMutableRawBufferPointer]
    ) throws(StorageError) {
        guard mayPad(piece, offset, chunks.byteCount) else {
            return try store.read(piece: piece, offset: offset, into: chunks)
        }
        var rest = ChunkSplitter(chunks)
        for run in runs(piece, offset, chunks.byteCount) {
            let part = rest.next(run.count)
            if run.isData {
                try store.read(piece: piece, offset: run.offset, into: part)
            } else {
                for chunk in part { chunk.initializeMemory(as: UInt8.self, repeating: 0) }
            }
        }
    }

    /// Like `read`, but never blocks; returns false if that is impossible.
    package func readAtOnce(
        _ store: any PieceStore,
        piece: PieceIndex,
        offset: Int,
        into chunks: [UnsafeMutableRawBufferPointer]
    ) -> Bool {
        guard mayPad(piece, offset, chunks.byteCount) else {
            return store.readAtOnce(piece: piece, offset: offset, into: chunks)
        }
        var rest = ChunkSplitter(chunks)
        return runs(piece, offset, chunks.byteCount).allSatisfy { run in
            let part = rest.next(run.count)
            if run.isData { return store.readAtOnce(piece: piece, offset: run.offset, into: part) }
            for chunk in part { chunk.initializeMemory(as: UInt8.self, repeating: 0) }
            return true
        }
    }

    /// Writes the data in `chunks` at `offset` in `piece`.
    package func write(
        _ store: any PieceStore,
        piece: PieceIndex,
        offset: Int,
        chunks: [UnsafeRawBufferPointer]
    ) throws(StorageError) {
        let count = chunks.reduce(0) { $0 + $1.count }
        guard mayPad(piece, offset, count) else {
            return try store.write(piece: piece, offset: offset, chunks: chunks)
        }
        // `ChunkSplitter` only slices the buffers; nothing is written through them.
        var rest = ChunkSplitter(chunks.map { UnsafeMutableRawBufferPointer(mutating: $0) })
        for run in runs(piece, offset, count) {
            let part = rest.next(run.count)
            if run.isData {
                try store.write(piece: piece, offset: run.offset, chunks: part.map { UnsafeRawBufferPointer($0) })
            }
        }
    }

    /// A range of a piece that is either all data or all padding.
    private struct Run {
        var offset: Int
        var count: Int
        let isData: Bool
    }

    private func mayPad(_ piece: PieceIndex, _ offset: Int, _ count: Int) -> Bool {
        guard hasPadding, let layout, let span = layout.span(piece: piece, offset: offset, count: count) else {
            return false
        }
        return layout.segments(of: span).contains { !$0.isStored }
    }

    private func runs(_ piece: PieceIndex, _ offset: Int, _ count: Int) -> [Run] {
        guard let layout, let span = layout.span(piece: piece, offset: offset, count: count) else { return [] }
        var runs: [Run] = []
        var position = offset
        for segment in layout.segments(of: span) {
            if let last = runs.last, last.isData == segment.isStored {
                runs[runs.count - 1].count += segment.count
            } else {
                runs.append(Run(offset: position, count: segment.count, isData: segment.isStored))
            }
            position += segment.count
        }
        return runs
    }
}

/// Splits chunks one after the other.
private struct ChunkSplitter {
    private let chunks: [UnsafeMutableRawBufferPointer]
    private var index = 0
    private var offset = 0

    init(_ chunks: [UnsafeMutableRawBufferPointer]) { self.chunks = chunks }

    /// Returns the next `count` bytes.
    mutating func next(_ count: Int) -> [UnsafeMutableRawBufferPointer] {
        var parts: [UnsafeMutableRawBufferPointer] = []
        var left = count
        while left > 0, index < chunks.count {
            let part = chunks[index][offset...].prefix(left)
            if !part.isEmpty { parts.append(UnsafeMutableRawBufferPointer(rebasing: part)) }
            left -= part.count
            offset += part.count
            if offset == chunks[index].count {
                index += 1
                offset = 0
            }
        }
        return parts
    }
}

extension [UnsafeMutableRawBufferPointer] {
    fileprivate var byteCount: Int { reduce(0) { $0 + $1.count } }
}
