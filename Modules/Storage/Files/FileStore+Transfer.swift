// SPDX-License-Identifier: Apache-2.0

public import RucheWire
internal import Synchronization

extension FileStore {
    /// Fills `chunks` from `piece`.
    ///
    /// - Throws: `StorageError`: `missing` if a file was never written, `changed` if it is too short.
    public func read(
        piece: PieceIndex,
        offset: Int,
        into chunks: [UnsafeMutableRawBufferPointer]
    ) throws(StorageError) {
        let span = try span("read", piece, offset, chunks.reduce(0) { $0 + $1.count })
        try access.shared { () throws(StorageError) in
            var cursor = ChunkCursor(chunks)
            for segment in layout.segments(of: span) {
                if segment.isStored {
                    try read(segment, of: piece, into: &cursor)
                } else {
                    cursor.zero(segment.count)
                }
            }
        }
    }

    /// Fills `chunks` without blocking, if the files are open and the bytes are in the page cache.
    public func readAtOnce(piece: PieceIndex, offset: Int, into chunks: [UnsafeMutableRawBufferPointer]) -> Bool {
        let count = chunks.reduce(0) { $0 + $1.count }
        guard let span = layout.span(piece: piece, offset: offset, count: count) else { return false }
        let isRead = access.sharedAtOnce {
            var cursor = ChunkCursor(chunks)
            return layout.segments(of: span).allSatisfy { segment in
                guard segment.isStored else {
                    cursor.zero(segment.count)
                    return true
                }
                let file = state.withLock { $0.cache.find(segment.file, toWrite: false) }
                return file?.readAtOnce(segment.count, into: &cursor, at: segment.offset) ?? false
            }
        }
        return isRead ?? false
    }

    /// Writes `chunks` at `offset` in `piece`, and creates files and folders as needed.
    ///
    /// - Throws: `StorageError` if a file or folder cannot be created or written.
    public func write(
        piece: PieceIndex,
        offset: Int,
        chunks: [UnsafeRawBufferPointer]
    ) throws(StorageError) {
        try requireWritable("write")
        let span = try span("write", piece, offset, chunks.reduce(0) { $0 + $1.count })
        try access.shared { () throws(StorageError) in
            var cursor = ChunkCursor(chunks)
            for segment in layout.segments(of: span) {
                if segment.isStored {
                    try write(segment, of: piece, from: &cursor)
                } else {
                    cursor.advance(by: segment.count)
                }
            }
        }
    }

    private func span(
        _ operation: StaticString,
        _ piece: PieceIndex,
        _ offset: Int,
        _ count: Int
    ) throws(StorageError) -> Range<Int> {
        if let span = layout.span(piece: piece, offset: offset, count: count) { return span }
        let reason = "\(count) bytes from \(offset) exceed piece \(piece)"
        throw StorageError(.limit, operation: operation.description, path: folder, reason: reason)
    }

    private func read(
        _ segment: FileLayout.Segment,
        of piece: PieceIndex,
        into cursor: inout ChunkCursor
    ) throws(StorageError) {
        if let file = try openIfPresent(segment.file, toWrite: false) {
            return try read(file, segment, into: &cursor)
        }
        try gated(segment.file) { () throws(StorageError) in
            // It may have moved out of the parts file since the first check.
            if let file = try openInGate(segment.file, toWrite: false) {
                return try read(file, segment, into: &cursor)
            }
            try readParts(segment, of: piece, into: &cursor)
        }
    }

    private func read(
        _ file: Descriptor,
        _ segment: FileLayout.Segment,
        into cursor: inout ChunkCursor
    ) throws(StorageError) {
        let count = try naming("read", path(of: segment.file)) { () throws(SystemError) in
            try file.read(segment.count, into: &cursor, at: segment.offset)
        }
        guard count == segment.count else {
            let reason = "it ends at \(segment.offset + count) instead of \(segment.offset + segment.count)"
            throw StorageError(.changed, operation: "read", path: path(of: segment.file), reason: reason)
        }
    }

    private func write(
        _ segment: FileLayout.Segment,
        of piece: PieceIndex,
        from cursor: inout ChunkCursor
    ) throws(StorageError) {
        if let file = try openIfPresent(segment.file, toWrite: true) {
            return try write(file, segment, from: &cursor)
        }
        try gated(segment.file) { () throws(StorageError) in
            // Another thread may have created it since the first check.
            if let file = try openInGate(segment.file, toWrite: true) {
                return try write(file, segment, from: &cursor)
            }
            let isSkipped = state.withLock { $0.files[segment.file].contains(.isSkipped) }
            if isSkipped, try writeParts(segment, of: piece, from: &cursor) { return }
            try write(createInGate(segment.file), segment, from: &cursor)
        }
    }

    private func write(
        _ file: Descriptor,
        _ segment: FileLayout.Segment,
        from cursor: inout ChunkCursor
    ) throws(StorageError) {
        try requireUnharmed(segment.file, file)
        // Also after a failure, because some bytes may have been written.
        defer { noteWritten(segment.file) }
        try naming("write", path(of: segment.file)) { () throws(SystemError) in
            try file.write(segment.count, of: &cursor, at: segment.offset)
        }
    }
}
