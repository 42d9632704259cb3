// SPDX-License-Identifier: Apache-2.0

internal import RucheWire
internal import Synchronization

/// What happens to the files behind our back.
extension FileStore {
    /// Why a file is not what was written any more.
    enum Loss {
        case removed
        case replaced
        /// To so many bytes.
        case cut(Int)

        fileprivate var words: String {
            switch self {
            case .removed: "was removed or renamed while it was being written"
            case .replaced: "was replaced by another file while it was being written"
            case .cut(let size): "was cut to \(size) bytes while it was being written"
            }
        }
    }

    /// Why a file cannot be put where it belongs.
    enum Obstacle {
        /// Another file, of which nothing is the torrent's.
        case foreign
        /// It has so many bytes.
        case tooLong(Int)
        /// Something has the final name by now.
        case appeared
        case kind(FileStatus.Kind)
    }

    /// Whether `takeNotices` has anything to tell.
    public var hasNotices: Bool { state.withLock { !$0.notices.isEmpty } }

    /// What was noticed since the last call, oldest first.
    public func takeNotices() -> [StoreNotice] {
        state.withLock { state in
            defer { state.notices = [] }
            return state.notices
        }
    }

    /// Notes that what was written of `file` is gone, so that it can be written anew; the error that says so.
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
            reason: isLasting ? "it \(loss.words), again and again" : "it \(loss.words)"
        )
    }

    /// Likewise where another file has the name: that one is not overwritten.
    func loseReplaced(_ file: Int) -> StorageError {
        let error = lose(file, .replaced)
        guard !options.overwritesFiles else { return error }
        return StorageError(.occupied, operation: "write", path: path(of: file), reason: error.reason)
    }

    /// Throws where `open` has no name any more, or is shorter than it was made.
    func requireUnharmed(_ file: Int, _ open: Descriptor) throws(StorageError) {
        let status = try naming("write", path(of: file)) { () throws(SystemError) in try open.status() }
        if status.linkCount == 0 { throw lose(file, .removed) }
        if status.size < info.files[file].size { throw lose(file, .cut(status.size)) }
    }

    /// Throws where the file's name does not lead to `open`, or its size is not the one it should have.
    func requireInPlace(_ file: Int, _ open: Descriptor) throws(StorageError) -> Place {
        try requireUnharmed(file, open)
        let held = try naming("examine", path(of: file)) { () throws(SystemError) in try open.status().identity }
        guard let parent = try parent(of: file, creating: false), let place = try place(of: file, in: parent) else {
            throw lose(file, .removed)
        }
        guard place.status.identity == held else { throw loseReplaced(file) }
        return place
    }

    /// Keeps a notice for `takeNotices`; beyond the limit the pieces alone, joined to those of the last notice.
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

    /// An error that says what is in the way of `file`.
    func occupied(_ file: Int, _ obstacle: Obstacle, at place: Place? = nil) -> StorageError {
        let reason =
            switch obstacle {
            case .foreign: "another file is there already, and nothing in it is this torrent's"
            case .tooLong(let size):
                "it is \(size) bytes long instead of \(info.files[file].size), and was not made by this download"
            case .appeared:
                "another file of this name has appeared; what was downloaded is in \(names.partial(file))"
            case .kind(.folder): "a folder is in its place"
            case .kind(.symlink): "a symbolic link is in its place"
            case .kind: "a pipe, a socket or a device is in its place"
            }
        let components =
            [folder] + names.folder(of: file) + [place.map { name(of: file, at: $0) } ?? name(of: file)]
        return StorageError(.occupied, operation: "use", path: components.joined(separator: "/"), reason: reason)
    }
}
