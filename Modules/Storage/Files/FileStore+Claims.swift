// SPDX-License-Identifier: Apache-2.0

public import RucheWire
internal import Synchronization

/// Which files are the torrent's, and which are not.
extension FileStore {
    /// Restores which files an earlier process created, and records those created from now on through `note`.
    package func recall(
        _ earlier: ResumeState,
        note: @escaping @Sendable (_ file: Int, _ inode: UInt64) throws(StorageError) -> Void
    ) {
        state.withLock { state in
            state.made = earlier.made
            state.noted = earlier.facts.filter { earlier.wasClosedCleanly || $1.isFinished }
            state.onMade = note
        }
    }

    /// Returns the suspects in `state`, and the pieces of existing files about which it says nothing: only hashing
    /// shows whose files they are.
    ///
    /// - Throws: `StorageError` if the disk cannot be queried.
    package func piecesToCheck(since state: ResumeState) throws(StorageError) -> Bitfield {
        var unknown = state.suspects
        try access.shared { () throws(StorageError) in
            var walker = FolderWalker(self)
            for file in 0..<layout.fileCount where layout.isStored(file) {
                let pieces = layout.pieces(of: file).lazy.map { PieceIndex($0) }
                guard !pieces.contains(where: { state.verified[$0] || state.suspects[$0] }),
                    let parent = try walker.parent(of: file), let place = try place(of: file, in: parent),
                    place.status.inode != state.made[file]
                else { continue }
                for piece in pieces where !state.verified[piece] { unknown.insert(piece) }
            }
        }
        return unknown
    }

    /// Claims the files that hold a piece of `have`, that this store created, or that are empty.
    ///
    /// An unwanted file that is not the torrent's is ignored from then on.
    ///
    /// - Throws: `StorageError`: `.occupied` for any other existing file that is wanted, and for one that is too long
    ///   and not ours to truncate.
    public func claim(_ have: Bitfield) throws(StorageError) {
        guard options.access == .download else { return }
        try access.shared { () throws(StorageError) in
            var walker = FolderWalker(self)
            for (file, entry) in info.files.enumerated() where !entry.isPadding && entry.symlinkTarget == nil {
                let place: Place?
                if let parent = try walker.parent(of: file) {
                    place = try self.place(of: file, in: parent)
                } else {
                    place = nil
                }
                guard let place else {
                    forgetUnflushed(file)
                    continue
                }
                let isRight = layout.pieces(of: file).contains { have[PieceIndex($0)] }
                try gated(file) { () throws(StorageError) in try claim(file, place, isRight: isRight) }
            }
        }
    }

    private func claim(_ file: Int, _ place: Place, isRight: Bool) throws(StorageError) {
        let status = place.status
        do throws(StorageError) {
            guard status.kind == .file else { throw occupied(file, .kind(status.kind), at: place) }
            if !isRight { try requireHarmless(file, place) }
            let size = info.files[file].size
            state.withLock { state in
                state.files[file].insert(.isOurs)
                if status.size < size { state.files[file].insert(.isShort) }
                state.noted[file] = nil
            }
            if status.size > size, !isLeftAlone(file, place) { try cut(file, place) }
        } catch {
            guard isSkipped(file), error.code == .occupied else { throw error }
            avoid(file)
        }
    }

    /// Ignores an unwanted file that is not the torrent's. It may be open from a check.
    private func avoid(_ file: Int) {
        let closing = state.withLock { state in
            state.files[file].insert(.isAvoided)
            state.identities[file] = nil
            return state.cache.remove(file)
        }
        _ = closing
    }

    private func requireHarmless(_ file: Int, _ place: Place) throws(StorageError) {
        let status = place.status
        if isMade(file, status) && !hasChanged(file, status) || options.overwritesFiles || status.size == 0 { return }
        guard status.size <= info.files[file].size, let parent = try parent(of: file, creating: false),
            try naming(
                "read",
                path(of: file),
                { () throws(SystemError) in
                    try parent.open(name(of: file, at: place), .reading).holdsNothing()
                }
            )
        else { throw occupied(file, .foreign, at: place) }
    }

    /// Refuses to write to a file that is not known to be the torrent's.
    func requireOurs(_ file: Int, _ place: Place) throws(StorageError) {
        let status = place.status
        if state.withLock({ $0.files[file].contains(.isOurs) }) { return }
        guard status.size == 0 || options.overwritesFiles || isMade(file, status) else {
            throw occupied(file, .foreign, at: place)
        }
        state.withLock { _ = $0.files[file].insert(.isOurs) }
    }

    /// Whether the existing file was created by this store.
    func isMade(_ file: Int, _ status: FileStatus) -> Bool { state.withLock { $0.made[file] == status.inode } }

    /// Whether the file has changed since an earlier process left it.
    private func hasChanged(_ file: Int, _ status: FileStatus) -> Bool {
        guard let then = state.withLock({ $0.noted[file] }) else { return false }
        return then.size != status.size || then.modifiedNanoseconds != status.modifiedNanoseconds
    }

    /// Whether an unwanted file keeps a length that is not ours to change. What is correct in it can be shared.
    func isLeftAlone(_ file: Int, _ place: Place) -> Bool {
        isSkipped(file) && !isMade(file, place.status) && !options.overwritesFiles
    }

    /// Truncates a file that is too long, if this store created it or the user allowed overwriting any.
    private func cut(_ file: Int, _ place: Place) throws(StorageError) {
        let size = info.files[file].size
        guard isMade(file, place.status) || options.overwritesFiles else {
            throw occupied(file, .tooLong(place.status.size), at: place)
        }
        guard let parent = try parent(of: file, creating: false) else { return }
        try naming("cut", path(of: file)) { () throws(SystemError) in
            try parent.open(name(of: file, at: place), .writing).resize(to: size)
        }
        noteWritten(file)
        notice(0..<0, "\(path(of: file)) was \(place.status.size) bytes long; truncated to the torrent's \(size)")
    }

    /// `cut` for a file that is about to get its final name.
    func cutInGate(_ file: Int, at place: Place) throws(StorageError) { try cut(file, place) }
}
