// SPDX-License-Identifier: Apache-2.0

internal import RucheWire
internal import Synchronization

/// What others do to the files while they are in use.
extension FileStore {
    /// How a file was lost.
    enum Loss {
        case removed
        case replaced
        /// Truncated to this many bytes.
        case cut(Int)

        fileprivate var words: String {
            switch self {
            case .removed: "was removed or renamed while it was being written"
            case .replaced: "was replaced by another file while it was being written"
            case .cut(let size): "was truncated to \(size) bytes while it was being written"
            }
        }
    }

    /// Why a file cannot be put in its place.
    enum Obstacle {
        /// Another file, which holds nothing of the torrent.
        case foreign
        /// The file has this many bytes.
        case tooLong(Int)
        /// Something has taken the final name.
        case appeared
        case kind(FileStatus.Kind)
    }

    /// Whether `takeNotices` would return anything.
    public var hasNotices: Bool { state.withLock { !$0.notices.isEmpty } }

    /// Returns and clears what was noticed since the last call, oldest first.
    public func takeNotices() -> [StoreNotice] {
        state.withLock { state in
            defer { state.notices = [] }
            return state.notices
        }
    }

    /// Records that what was written of `file` is gone, so it can be written again. Returns the error to throw.
    func lose(_ file: Int, _ loss: Loss) -> StorageError {
        var lost = layout.pieces(of: file)
        if case .cut(let size) = loss, !lost.isEmpty {
            let first = (layout.range(of: file).lowerBound + size) / layout.pieceLength
            lost = max(lost.lowerBound, min(first, lost.upperBound))..<lost.upperBound
        }
        let (closing, count) = state.withLock { state in
            state.identities[file] = nil
            if case .cut = loss {
            } else {
                state.files[file].remove(.isOurs)
                state.made[file] = nil
            }
            state.files[file].remove(.isUnflushed)
            state.unflushed.files.removeAll { $0 == file }
            state.lossCounts[file, default: 0] += 1
            return (state.cache.remove(file), state.lossCounts[file] ?? 0)
        }
        _ = closing
        let words = "\(path(of: file)) \(loss.words)"
        notice(lost, words)
        let isLasting = count > StorageLimits.lossesPerFile
        return StorageError(
            isLasting ? .changed : .lost,
            operation: "write",
            path: path(of: file),
            reason: isLasting ? "it \(loss.words), repeatedly" : "it \(loss.words)"
        )
    }

    /// Like `lose`, for a file whose name another file has taken; that one is not overwritten.
    func loseReplaced(_ file: Int) -> StorageError {
        let error = lose(file, .replaced)
        guard !options.overwritesFiles else { return error }
        return StorageError(
            .occupied,
            operation: "write",
            path: path(of: file),
            reason: error.reason,
            canBeOverwritten: true
        )
    }

    /// Throws if `open` has no name left, or is shorter than it should be.
    func requireUnharmed(_ file: Int, _ open: Descriptor) throws(StorageError) {
        let status = try naming("write", path(of: file)) { () throws(SystemError) in try open.status() }
        if status.linkCount == 0 { throw lose(file, .removed) }
        if status.size < info.files[file].size { throw lose(file, .cut(status.size)) }
    }

    /// Throws if the name of `file` does not lead to `open`, or its size is wrong.
    func requireInPlace(_ file: Int, _ open: Descriptor) throws(StorageError) -> Place {
        try requireUnharmed(file, open)
        let held = try naming("examine", path(of: file)) { () throws(SystemError) in try open.status().identity }
        guard let parent = try parent(of: file, creating: false), let place = try place(of: file, in: parent) else {
            throw lose(file, .removed)
        }
        guard place.status.identity == held else { throw loseReplaced(file) }
        return place
    }

    /// Stores a notice for `takeNotices`. Beyond the limit only the pieces are kept, joined with those of the last
    /// notice.
    func notice(_ lost: Range<Int>, _ words: String) {
        state.withLock { state in
            guard state.notices.count >= StorageLimits.notices, let last = state.notices.popLast() else {
                return state.notices.append(StoreNotice(lost: lost, words: words))
            }
            let pieces = [last.lost, lost].filter { !$0.isEmpty }
            let first = pieces.map(\.lowerBound).min() ?? 0
            let joined = first..<(pieces.map(\.upperBound).max() ?? first)
            state.notices.append(StoreNotice(lost: joined, words: "\(words), and more files"))
        }
    }

    /// Returns an error that says what is in the way of `file`.
    func occupied(_ file: Int, _ obstacle: Obstacle, at place: Place? = nil) -> StorageError {
        // A link is replaced only by a link.
        let isLink = info.files[file].symlinkTarget != nil
        let (reason, canBeOverwritten) =
            switch obstacle {
            case .foreign: ("another file already exists there, and nothing in it is this torrent's", true)
            case .tooLong(let size):
                (
                    "it is \(size) bytes long instead of \(info.files[file].size), and this download did not create it",
                    true
                )
            case .appeared:
                ("another file of this name has appeared; what was downloaded is in \(names.partial(file))", true)
            case .kind(.folder): ("a folder is in its place", false)
            case .kind(.symlink): ("a symbolic link is in its place", isLink)
            case .kind: ("a pipe, a socket or a device is in its place", false)
            }
        let components =
            [folder] + names.folder(of: file) + [place.map { name(of: file, at: $0) } ?? name(of: file)]
        return StorageError(
            .occupied,
            operation: "use",
            path: components.joined(separator: "/"),
            reason: reason,
            canBeOverwritten: canBeOverwritten
        )
    }
}
