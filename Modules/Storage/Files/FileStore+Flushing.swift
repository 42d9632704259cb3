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

    /// Has the next flush not see to files that are gone. For after a recheck, when nothing is claimed of them any more;
    /// without one their absence is an error.
    ///
    /// - Throws: `StorageError` where the folder cannot be read.
    public func forgetMissing() throws(StorageError) {
        let pending = state.withLock { $0.unflushed.files }
        for file in pending where try openIfPresent(file, toWrite: false) == nil {
            state.withLock { state in
                state.unflushed.files.removeAll { $0 == file }
                state.unflushed.parts = true
                state.files[file].remove(.isUnflushed)
            }
        }
    }

    /// Has the next flush see to the names on the way to `file`.
    func noteFolders(above file: Int) {
        let folders = names.folder(of: file)
        state.withLock { state in
            // The whole way is there if its end is.
            for count in stride(from: folders.count, through: 0, by: -1) {
                guard state.unflushed.folders.insert(Array(folders.prefix(count))).inserted else { return }
            }
        }
    }

    /// Takes away what is done.
    private func flush(_ left: inout Unflushed) throws(StorageError) {
        while let file = left.files.last {
            if let open = try openIfPresent(file, toWrite: false) {
                try naming("flush", path(of: file)) { () throws(SystemError) in try open.syncData() }
            } else if try parts(creating: false) != nil {
                left.parts = true
            } else {
                throw StorageError(.missing, operation: "flush", path: path(of: file), reason: "it is not there")
            }
            left.files.removeLast()
        }
        let root = try root()
        for folder in left.folders {
            try naming("flush", path(ofFolder: folder)) { () throws(SystemError) in
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
            try naming("flush", path(of: layout.fileCount)) { () throws(SystemError) in try parts.syncData() }
        }
    }

    private func path(ofFolder components: [String]) -> String { ([folder] + components).joined(separator: "/") }

    private func restore(_ left: Unflushed) {
        for file in left.files { noteWritten(file) }
        state.withLock { state in
            state.unflushed.folders.formUnion(left.folders)
            state.unflushed.parts = state.unflushed.parts || left.parts
        }
    }
}
