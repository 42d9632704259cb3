// SPDX-License-Identifier: Apache-2.0

public import RucheWire
internal import Synchronization

extension FileStore {
    /// Returns once everything written so far, and the names of new files, would survive a power cut.
    ///
    /// - Throws: `StorageError` where a flush fails, or a file that was written is gone.
    public func flush() throws(StorageError) {
        try access.shared { () throws(StorageError) in try flushInside() }
    }

    /// `flush` for those who hold `access`.
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

    /// Has the next flush see to the files of `pieces`, which an earlier process may have written.
    public func noteUnflushed(_ pieces: Bitfield) {
        for file in 0..<layout.fileCount where layout.isStored(file) {
            if layout.pieces(of: file).contains(where: { pieces[PieceIndex($0)] }) { noteWritten(file) }
        }
    }

    /// Has the next flush see to `file`. Called after a write, so that a flush under way meanwhile does not take the credit.
    func noteWritten(_ file: Int) {
        state.withLock { state in
            guard state.files[file].insert(.isUnflushed).inserted else { return }
            state.unflushed.files.append(file)
        }
    }

    /// Has the next flush not see to `file`, which is not there: what is known of it may be in the parts file.
    func forgetUnflushed(_ file: Int) {
        state.withLock { state in
            guard state.files[file].remove(.isUnflushed) != nil else { return }
            state.unflushed.files.removeAll { $0 == file }
            state.unflushed.parts = true
        }
    }

    /// Has the next flush see to the names on the way to `file`.
    func noteFolders(above file: Int) {
        let folders = names.folder(of: file)
        state.withLock { state in
            // The whole way is there if its end is.
            for count in stride(from: folders.count, through: 0, by: -1) {
                guard state.unflushed.folders.insert(ExactPath(folders.prefix(count))).inserted else { return }
            }
        }
    }

    /// Takes away what is done.
    private func flush(_ left: inout Unflushed) throws(StorageError) {
        while let file = left.files.last {
            do throws(StorageError) {
                if try !flush(file) { left.parts = true }
            } catch {
                // It has been noted, and there is nothing left to flush.
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
                    // One that is gone has no names to keep.
                    guard error.isMissing else { throw error }
                }
            }
        }
        left.folders = []
        if left.parts, let parts = try parts(creating: false) {
            try naming("flush", path(of: layout.fileCount)) { () throws(SystemError) in try sync(parts) }
        }
    }

    /// False where it is not on the disk by itself.
    private func flush(_ file: Int) throws(StorageError) -> Bool {
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

    /// After a failure, what is read next comes from the disk: pages that could not be written look as if they had been.
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
