// SPDX-License-Identifier: Apache-2.0

package import RucheWire

extension FileStore {
    /// Returns the size and time of `file`; nil if it does not exist. The index after the last file stands for the
    /// parts file.
    ///
    /// - Throws: `StorageError` if the disk cannot be queried.
    public func facts(file: Int) throws(StorageError) -> FileFacts? {
        guard file < layout.fileCount else { return try partsFacts() }
        return try access.shared { () throws(StorageError) in
            guard let parent = try parent(of: file, creating: false) else { return nil }
            return try facts(of: file, in: parent)
        }
    }

    /// Returns the size and time of every existing file, and of the parts file.
    ///
    /// - Throws: `StorageError` if the disk cannot be queried.
    public func allFacts() throws(StorageError) -> [Int: FileFacts] {
        try access.shared { () throws(StorageError) in
            var walker = FolderWalker(self)
            var all: [Int: FileFacts] = [:]
            for (file, entry) in info.files.enumerated() where !entry.isPadding && entry.symlinkTarget == nil {
                guard let parent = try walker.parent(of: file) else { continue }
                all[file] = try facts(of: file, in: parent)
            }
            all[layout.fileCount] = try partsFacts()
            return all
        }
    }

    /// Returns the verified pieces in `state` whose files are gone, have another size, or have been modified since.
    ///
    /// The modification time is only meaningful if nothing was written after it was recorded: after a clean close, or
    /// for a finished file.
    package func changedPieces(since state: ResumeState) -> Bitfield {
        var changed = Bitfield(count: state.verified.count)
        let arePartsIntact = arePartsIntact(since: state)
        // A folder that cannot be opened vouches for nothing.
        let found = (try? allFacts()) ?? [:]
        for file in 0..<layout.fileCount where layout.isStored(file) {
            if let now = found[file], isIntact(file, now, state) { continue }
            // A file that never existed on its own may be in the parts file.
            let mayBeInParts = found[file] == nil && state.facts[file] == nil && arePartsIntact
            for piece in layout.pieces(of: file).lazy.map({ PieceIndex($0) }) where state.verified[piece] {
                if mayBeInParts, partsLayout.position(piece: piece.int, offset: 0) != nil { continue }
                changed.insert(piece)
            }
        }
        return changed
    }

    private func isIntact(_ file: Int, _ now: FileFacts, _ state: ResumeState) -> Bool {
        guard now.size == info.files[file].size else { return false }
        guard let then = state.facts[file], state.wasClosedCleanly || then.isFinished else { return true }
        return then.modifiedNanoseconds == now.modifiedNanoseconds
    }

    private func arePartsIntact(since state: ResumeState) -> Bool {
        guard let now = try? partsFacts() else { return false }
        guard state.wasClosedCleanly, let then = state.facts[layout.fileCount] else { return true }
        return now == then
    }

    private func facts(of file: Int, in parent: Descriptor) throws(StorageError) -> FileFacts? {
        switch try place(of: file, in: parent) {
        case .finished(let status): FileFacts(status, isFinished: true)
        case .partial(let status): FileFacts(status, isFinished: false)
        case nil: nil
        }
    }

    private func partsFacts() throws(StorageError) -> FileFacts? {
        let root = try root()
        return try naming("examine", path(of: layout.fileCount)) { () throws(SystemError) in
            try root.status(of: names.parts).flatMap { FileFacts($0, isFinished: false) }
        }
    }
}

extension FileFacts {
    /// Returns nil for anything but a regular file.
    fileprivate init?(_ status: FileStatus, isFinished: Bool) {
        guard status.kind == .file else { return nil }
        self.init(size: status.size, modifiedNanoseconds: status.modifiedNanoseconds, isFinished: isFinished)
    }
}
