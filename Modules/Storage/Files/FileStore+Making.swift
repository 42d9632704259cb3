// SPDX-License-Identifier: Apache-2.0

internal import RucheWire
internal import Synchronization

extension FileStore {
    /// Creates empty files and links, and with `preallocated` all wanted files, when a download starts. May be
    /// repeated. Because there can be very many, `isUnwanted` is called before each file and stops the work by
    /// returning true.
    ///
    /// - Returns: False if it was stopped.
    /// - Throws: `StorageError` if something cannot be created; `diskFull` if there is no room to preallocate.
    @discardableResult
    public func createSkeleton(isUnwanted: () -> Bool = { false }) throws(StorageError) -> Bool {
        try requireWritable("make")
        return try access.shared { () throws(StorageError) in
            for (index, file) in info.files.enumerated() where !file.isPadding && file.symlinkTarget == nil {
                guard !isSkipped(index), file.size == 0 || options.allocation == .preallocated else { continue }
                if isUnwanted() { return false }
                try gated(index) { () throws(StorageError) in
                    if try openInGate(index, toWrite: false) == nil { _ = try createInGate(index) }
                    if file.size == 0 { try finishInGate(index) }
                }
            }
            // Last, so that no folder of ours can end up behind a link.
            let replaces = options.overwritesFiles
            guard try makeLinks(below: root(), names, replacing: replaces, isUnwanted: isUnwanted) else { return false }
            noteLinks()
            return true
        }
    }

    /// Gives a complete file its final name and attributes. Does nothing if the file does not exist, or in read-only
    /// mode.
    ///
    /// - Throws: `StorageError`: `.lost` if it is no longer what was written, `.occupied` if another file has its name.
    public func finish(file: Int) throws(StorageError) {
        guard options.access == .download, layout.isStored(file) else { return }
        try access.shared { () throws(StorageError) in
            try gated(file) { () throws(StorageError) in try finishInGate(file) }
        }
    }

    /// Creates a file of full size under its partial name, with what the parts file holds of it.
    ///
    /// The file appears atomically, so a reader that finds it can rely on it holding all that the parts file had, even
    /// after a kill.
    func createInGate(_ file: Int) throws(StorageError) -> Descriptor {
        guard let parent = try parent(of: file, creating: true) else {
            throw StorageError(.missing, operation: "make", path: path(of: file), reason: "its folder is gone")
        }
        let size = info.files[file].size
        let made = try makeTemporary(file, in: parent) { made throws(StorageError) in
            try naming("make", path(of: file)) { () throws(SystemError) in
                if options.allocation == .preallocated { try made.allocate(size) } else { try made.resize(to: size) }
            }
            try takeFromParts(file, to: made)
        } install: { temporary throws(SystemError) in
            let name = names.partial(file)
            if options.overwritesFiles { return try parent.rename(temporary, to: parent, name) }
            try parent.renameExclusively(temporary, to: name)
        }
        noteFolders(above: file)
        return made
    }

    /// Replaces `file` with a copy, so that other hard links to it keep their content.
    func makeOwnCopy(of file: Int, at place: Place, in parent: Descriptor) throws(StorageError) -> Descriptor {
        let name = name(of: file, at: place)
        return try makeTemporary(file, in: parent) { made throws(StorageError) in
            try naming("copy", path(of: file)) { () throws(SystemError) in
                try parent.open(name, .reading).copyAll(to: made, place.status)
                if place.status.size < info.files[file].size { try made.resize(to: info.files[file].size) }
            }
        } install: { temporary throws(SystemError) in
            try parent.rename(temporary, to: parent, name)
        }
    }

    /// Creates a file under a temporary name, fills it, records that we created it, and only then gives it its name.
    private func makeTemporary(
        _ file: Int,
        in parent: Descriptor,
        fill: (Descriptor) throws(StorageError) -> Void,
        install: (_ temporary: String) throws(SystemError) -> Void
    ) throws(StorageError) -> Descriptor {
        let temporary = names.temporary(file)
        let made = try naming("make", path(of: file)) { () throws(SystemError) in
            try parent.remove(temporary)
            return try parent.open(temporary, .creatingNew)
        }
        do throws(StorageError) {
            try fill(made)
            let identity = try naming("make", path(of: file)) { () throws(SystemError) in try made.status().identity }
            if let note = state.withLock({ $0.onMade }) { try note(file, identity.inode) }
            do throws(SystemError) {
                try install(temporary)
            } catch {
                throw error.isExisting
                    ? occupied(file, .foreign) : StorageError(error, operation: "make", path: path(of: file))
            }
            state.withLock { state in
                state.made[file] = identity.inode
                state.files[file].insert(.isOurs)
            }
            noteWritten(file)
            keep(made, identity, as: file, isWritable: true)
            return made
        } catch {
            _ = try? parent.remove(temporary)
            throw error
        }
    }

    private func finishInGate(_ file: Int) throws(StorageError) {
        guard let open = try openInGate(file, toWrite: false) else { return }
        var place = try requireInPlace(file, open)
        guard let parent = try parent(of: file, creating: false) else { throw lose(file, .removed) }
        if place.status.size > info.files[file].size, !isLeftAlone(file, place) {
            try cutInGate(file, at: place)
        }
        try setExecutable(file, open, place.status)
        guard case .partial = place else { return }
        do throws(SystemError) {
            let partial = names.partial(file)
            if options.overwritesFiles {
                try parent.rename(partial, to: parent, name(of: file))
            } else {
                try parent.renameExclusively(partial, to: name(of: file))
            }
        } catch {
            throw error.isExisting
                ? occupied(file, .appeared) : StorageError(error, operation: "rename", path: path(of: file))
        }
        noteFolders(above: file)
        place = try requireInPlace(file, open)
        if case .partial = place { throw loseReplaced(file) }
    }

    private func setExecutable(_ file: Int, _ open: Descriptor, _ status: FileStatus) throws(StorageError) {
        let executable = status.permissions | (status.permissions & 0o444) >> 2
        guard info.files[file].isExecutable, executable != status.permissions else { return }
        try naming("finish", path(of: file)) { () throws(SystemError) in try open.setPermissions(executable) }
    }

    /// Creates the torrent's symbolic links (BEP 47), whose targets are inside the torrent. Other links and files in
    /// their places are kept, unless `replaces`. Returns false if it was stopped.
    @discardableResult
    func makeLinks(
        below root: Descriptor,
        _ names: FileNames,
        replacing replaces: Bool = false,
        isUnwanted: () -> Bool = { false }
    ) throws(StorageError) -> Bool {
        for (index, file) in info.files.enumerated() {
            guard let target = file.symlinkTarget else { continue }
            if isUnwanted() { return false }
            let (folder, name) = (names.folder(of: index), names.name(of: index))
            let relative = Self.relativePath(from: folder[...], to: target)
            let obstacle = try naming("link", path(of: index)) { () throws(SystemError) -> FileStatus.Kind? in
                let parent = try root.folder(folder[...], creating: true)
                let kind = try parent.status(of: name)?.kind
                if kind == .symlink, try parent.linkTarget(name).hasSameBytes(as: relative) { return nil }
                guard kind == nil || replaces && (kind == .symlink || kind == .file) else { return kind }
                try parent.remove(name)
                try parent.link(name, to: relative)
                return nil
            }
            if let obstacle { throw occupied(index, obstacle == .file ? .foreign : .kind(obstacle)) }
        }
        return true
    }

    private func noteLinks() {
        for (index, file) in info.files.enumerated() where file.symlinkTarget != nil { noteFolders(above: index) }
    }

    /// Returns the path of `target` relative to `folder`; both are below the chosen folder.
    static func relativePath(from folder: ArraySlice<String>, to target: [String]) -> String {
        let common = zip(folder, target.dropLast()).prefix { $0.hasSameBytes(as: $1) }.count
        let up = Array(repeating: "..", count: folder.count - common)
        return (up + target.dropFirst(common)).joined(separator: "/")
    }
}
