// SPDX-License-Identifier: Apache-2.0

public import RucheWire
internal import Synchronization

extension FileStore {
    /// Returns once everything written so far, and the names of new files, would survive a power cut.
    ///
    /// - Throws: `StorageError` if a flush fails, or a file that was written is gone.
    public func flush() throws(StorageError) {
        try access.shared { () throws(StorageError) in try flushInside() }
    }

    /// `flush` for callers that hold `access`.
    func flushInside() throws(StorageError) {
        var left = state.withLock { state in
            defer { state.unflushed = Unflushed() }
            for file in state.unflushed.files { state.files[file].remove(.isUnflushed) }
            return state.unflushed
        }
        do throws(StorageError) {
            try flush(&left)
        } catch {
            restore(left)
            throw error
        }
    }

    /// Makes the next flush include the files of `pieces`, which an earlier process may have written.
    public func noteUnflushed(_ pieces: Bitfield) {
        for file in 0..<layout.fileCount where layout.isStored(file) {
            if layout.pieces(of: file).contains(where: { pieces[PieceIndex($0)] }) { noteWritten(file) }
        }
    }

    /// Makes the next flush include `file`. Call it after a write, because a concurrent flush may not cover it.
    func noteWritten(_ file: Int) {
        state.withLock { state in
            guard state.files[file].insert(.isUnflushed).inserted else { return }
            state.unflushed.files.append(file)
        }
    }

    /// Removes `file`, which does not exist, from the next flush. Its bytes may be in the parts file.
    func forgetUnflushed(_ file: Int) {
        state.withLock { state in
            guard state.files[file].remove(.isUnflushed) != nil else { return }
            state.unflushed.files.removeAll { $0 == file }
            state.unflushed.parts = true
        }
    }

    /// Makes the next flush include the folders above `file`.
    func noteFolders(above file: Int) {
        let folders = names.folder(of: file)
        state.withLock { state in
            // If the deepest folder is included, so are all above it.
            for count in stride(from: folders.count, through: 0, by: -1) {
                guard state.unflushed.folders.insert(ExactPath(folders.prefix(count))).inserted else { return }
            }
        }
    }

    /// Flushes `left`, and removes from it what is done.
    private func flush(_ left: inout Unflushed) throws(StorageError) {
        while let file = left.files.last {
            do throws(StorageError) {
                if try !flush(file) { left.parts = true }
            } catch {
                // The loss has been recorded, and there is nothing left to flush.
                guard error.code == .lost else { throw error }
            }
            left.files.removeLast()
        }
        let root = try root()
        for folder in left.folders.map(\.components) {
            try naming("flush", path(below: folder)) { () throws(SystemError) in
                do throws(SystemError) {
                    try root.folder(folder[...], creating: false).syncFolder()
                } catch {
                    // A folder that is gone has no names to flush.
                    guard error.isMissing else { throw error }
                }
            }
        }
        left.folders = []
        if left.parts, let parts = try parts(creating: false) {
            try naming("flush", path(of: layout.fileCount)) { () throws(SystemError) in try sync(parts) }
        }
    }

    /// Returns false if the file does not exist on its own.
    private func flush(_ file: Int) throws(StorageError) -> Bool {
        // Its share of pieces is in the parts file.
        if state.withLock({ $0.files[file].contains(.isAvoided) }) { return false }
        guard let open = try openIfPresent(file, toWrite: false) else {
            guard try parts(creating: false) == nil else { return false }
            throw lose(file, .removed)
        }
        try naming("flush", path(of: file)) { () throws(SystemError) in try sync(open) }
        return try gated(file) { () throws(StorageError) in
            _ = try requireInPlace(file, open)
            return true
        }
    }

    /// After a failed flush, drops cached pages, because the system may mark pages that it could not write as clean.
    private func sync(_ file: Descriptor) throws(SystemError) {
        do throws(SystemError) { try file.syncData() } catch {
            file.forgetCached()
            throw error
        }
    }

    private func restore(_ left: Unflushed) {
        for file in left.files { noteWritten(file) }
        state.withLock { state in
            state.unflushed.folders.formUnion(left.folders)
            state.unflushed.parts = state.unflushed.parts || left.parts
        }
    }
}
