// SPDX-License-Identifier: Apache-2.0

internal import RucheWire
internal import Synchronization

extension FileStore {
    /// Sets whether `file` will be downloaded; by default all files are.
    ///
    /// An existing file keeps its bytes when it is no longer wanted. A file that becomes wanted takes its bytes from
    /// the parts file, which is deleted once it is not needed.
    ///
    /// - Throws: `StorageError` if bytes cannot be taken from the parts file.
    public func setWanted(_ wanted: Bool, file: Int) throws(StorageError) {
        guard info.files.indices.contains(file), wanted == isSkipped(file) else { return }
        if wanted { try requireFree(file) }
        let isNoneSkipped = state.withLock { state in
            if wanted { state.files[file].remove(.isSkipped) } else { state.files[file].insert(.isSkipped) }
            return !state.files.contains { $0.contains(.isSkipped) }
        }
        guard wanted, options.access == .download else { return }
        try access.shared { () throws(StorageError) in
            guard try parts(creating: false) != nil else { return }
            let moving = isNoneSkipped ? 0..<layout.fileCount : file..<file + 1
            for file in moving where layout.isStored(file) { try takeOutOfParts(file) }
        }
        if isNoneSkipped { try access.alone { () throws(StorageError) in try removeParts() } }
    }

    /// Throws if another file, which was ignored while `file` was unwanted, is in its place.
    private func requireFree(_ file: Int) throws(StorageError) {
        guard state.withLock({ $0.files[file].contains(.isAvoided) }) else { return }
        if !options.overwritesFiles, let parent = try parent(of: file, creating: false),
            try place(of: file, in: parent) != nil
        {
            throw occupied(file, .foreign)
        }
        state.withLock { _ = $0.files[file].remove(.isAvoided) }
    }

    /// Whether `file` is unwanted.
    func isSkipped(_ file: Int) -> Bool { state.withLock { $0.files[file].contains(.isSkipped) } }

    private func takeOutOfParts(_ file: Int) throws(StorageError) {
        try gated(file) { () throws(StorageError) in
            guard try openInGate(file, toWrite: false) == nil else { return }
            var isHeld = false
            try forEachPart(of: file) { (_, _) throws(StorageError) in isHeld = true }
            if isHeld { _ = try createInGate(file) }
        }
    }

    // MARK: The parts file

    /// Returns the parts file; nil if it does not exist and `creating` is false.
    func parts(creating: Bool) throws(StorageError) -> Descriptor? {
        if let open = state.withLock({ $0.parts }) { return open }
        let isReadOnly = options.access == .readOnly
        let root = try root()
        do throws(SystemError) {
            let opened = try root.open(names.parts, isReadOnly ? .reading : creating ? .creating : .writing)
            state.withLock { state in
                state.parts = opened
                if creating { state.unflushed.folders.insert(ExactPath([])) }
            }
            return opened
        } catch {
            if error.isMissing { return nil }
            throw StorageError(error, operation: "open", path: path(of: layout.fileCount))
        }
    }

    /// Reads the bytes of a missing file from the parts file.
    func readParts(
        _ segment: FileLayout.Segment,
        of piece: PieceIndex,
        into cursor: inout ChunkCursor
    ) throws(StorageError) {
        if let position = partsPosition(of: segment, in: piece), let parts = try parts(creating: false) {
            let count = try naming("read", path(of: layout.fileCount)) { () throws(SystemError) in
                try parts.read(segment.count, into: &cursor, at: position)
            }
            if count == segment.count { return }
        }
        throw StorageError(.missing, operation: "read", path: path(of: segment.file), reason: "it does not exist")
    }

    /// Writes to the parts file; returns false if the piece has no slot there.
    func writeParts(
        _ segment: FileLayout.Segment,
        of piece: PieceIndex,
        from cursor: inout ChunkCursor
    ) throws(StorageError) -> Bool {
        guard let position = partsPosition(of: segment, in: piece), let parts = try parts(creating: true) else {
            return false
        }
        defer { state.withLock { $0.unflushed.parts = true } }
        try naming("write", path(of: layout.fileCount)) { () throws(SystemError) in
            try parts.write(segment.count, of: &cursor, at: position)
        }
        return true
    }

    private func partsPosition(of segment: FileLayout.Segment, in piece: PieceIndex) -> Int? {
        let start = layout.range(of: segment.file).lowerBound + segment.offset
        return partsLayout.position(piece: piece.int, offset: start - piece.int * layout.pieceLength)
    }

    /// Copies what the parts file holds of `file` into `made`, and flushes it before anything relies on it.
    func takeFromParts(_ file: Int, to made: Descriptor) throws(StorageError) {
        var isHeld = false
        try forEachPart(of: file) { (bytes, offset) throws(StorageError) in
            isHeld = true
            try naming("write", path(of: file)) { () throws(SystemError) in try made.write(bytes, at: offset) }
        }
        if isHeld { try naming("flush", path(of: file)) { () throws(SystemError) in try made.syncData() } }
    }

    /// Calls `body` with each range of `file` in the parts file that is not all zeros, and its offset in the file.
    private func forEachPart(
        of file: Int,
        _ body: (UnsafeRawBufferPointer, Int) throws(StorageError) -> Void
    ) throws(StorageError) {
        guard let parts = try parts(creating: false) else { return }
        let range = layout.range(of: file)
        let pieces = layout.pieces(of: file)
        guard let first = pieces.first, let last = pieces.last else { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(StorageLimits.copyBytes, layout.pieceLength),
            alignment: 16
        )
        defer { buffer.deallocate() }
        for piece in first == last ? [first] : [first, last] {
            let inPiece = range.clamped(to: piece * layout.pieceLength..<(piece + 1) * layout.pieceLength)
            guard
                var position = partsLayout.position(
                    piece: piece,
                    offset: inPiece.lowerBound - piece * layout.pieceLength
                )
            else { continue }
            var offset = inPiece.lowerBound - range.lowerBound
            let end = inPiece.upperBound - range.lowerBound
            while offset < end {
                let step = min(buffer.count, end - offset)
                let count = try naming("read", path(of: layout.fileCount)) { () throws(SystemError) in
                    try parts.read(into: .init(rebasing: buffer[..<step]), at: position)
                }
                guard count > 0 else { break }
                if buffer[..<count].contains(where: { $0 != 0 }) {
                    try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]), offset)
                }
                offset += count
                position += count
            }
        }
    }

    private func removeParts() throws(StorageError) {
        let open = state.withLock { state in
            defer { state.parts = nil }
            state.unflushed.parts = false
            return state.parts
        }
        guard open != nil else { return }
        let root = try root()
        try naming("remove", path(of: layout.fileCount)) { () throws(SystemError) in try root.remove(names.parts) }
    }
}
