// SPDX-License-Identifier: Apache-2.0

public import RucheWire
internal import Synchronization

/// What is the torrent's, and what is somebody else's.
extension FileStore {
    /// Takes up what an earlier life noted of the files that it made, and notes those made from now on by `note`.
    public func recall(
        _ earlier: ResumeState,
        note: @escaping @Sendable (_ file: Int, _ inode: UInt64) throws(StorageError) -> Void
    ) {
        state.withLock { state in
            state.made = earlier.made
            state.noted = earlier.facts.filter { earlier.wasClosedCleanly || $1.isFinished }
            state.onMade = note
        }
    }

    /// The suspects in `state`, and the pieces of files that are there and of which it says nothing at all: nobody knows
    /// whose they are before they are hashed.
    ///
    /// - Throws: `StorageError` where the disk does not say what is there.
    public func piecesToCheck(since state: ResumeState) throws(StorageError) -> Bitfield {
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

    /// Takes the files for the torrent's that `have` has a piece of, that were made by us, or that hold nothing.
    ///
    /// A file that nobody wants and that is not the torrent's is left alone from then on.
    ///
    /// - Throws: `StorageError`: `.occupied` for any other file that is there and wanted, and for one that is too long and
    ///   not ours to cut.
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
            state.withLock { state in
                state.files[file].insert(.isOurs)
                state.noted[file] = nil
            }
            if status.size > info.files[file].size { try cut(file, place) }
        } catch {
            guard isSkipped(file), error.code == .occupied else { throw error }
            state.withLock { _ = $0.files[file].insert(.isAvoided) }
        }
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

    /// Refuses to write to what is not known to be the torrent's.
    func requireOurs(_ file: Int, _ place: Place) throws(StorageError) {
        let status = place.status
        if state.withLock({ $0.files[file].contains(.isOurs) }) { return }
        guard status.size == 0 || options.overwritesFiles || isMade(file, status) else {
            throw occupied(file, .foreign, at: place)
        }
        state.withLock { _ = $0.files[file].insert(.isOurs) }
    }

    /// Whether we made the file that is there.
    func isMade(_ file: Int, _ status: FileStatus) -> Bool { state.withLock { $0.made[file] == status.inode } }

    /// Whether the file is not as it was when an earlier life left it.
    private func hasChanged(_ file: Int, _ status: FileStatus) -> Bool {
        guard let then = state.withLock({ $0.noted[file] }) else { return false }
        return then.size != status.size || then.modifiedNanoseconds != status.modifiedNanoseconds
    }

    /// Takes off what is beyond the file's end: from one that we made, unless the user said that any may be.
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
        notice(0..<0, "\(path(of: file)) was \(place.status.size) bytes long; cut to the torrent's \(size)")
    }

    /// `cut` for a file that is about to be called finished.
    func cutInGate(_ file: Int, at place: Place) throws(StorageError) { try cut(file, place) }
}
