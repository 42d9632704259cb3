// SPDX-License-Identifier: Apache-2.0

internal import RucheWire
internal import Synchronization

extension FileStore {
    /// Where a file exists on disk.
    enum Place {
        /// Under its final name.
        case finished(FileStatus)
        /// Under its partial name.
        case partial(FileStatus)

        var status: FileStatus {
            switch self {
            case .finished(let status), .partial(let status): status
            }
        }
    }

    /// Whether symbolic links are followed. In read-only mode they are the user's own.
    var followsLinks: Bool { options.access == .readOnly }

    /// Returns the chosen folder, opening it if necessary.
    func root() throws(StorageError) -> Descriptor {
        let (open, path) = state.withLock { ($0.root, $0.rootPath) }
        if let open { return open }
        let opened = try naming("open", path) { () throws(SystemError) in try Descriptor.open(path: path, .folder) }
        return state.withLock { state in
            if state.root == nil { state.root = opened }
            return state.root ?? opened
        }
    }

    /// Returns the folder that holds `file`; nil if it is missing and `creating` is false.
    func parent(of file: Int, creating: Bool) throws(StorageError) -> Descriptor? {
        let root = try root()
        do throws(SystemError) {
            let folder = names.folder(of: file)[...]
            return try root.folder(folder, creating: creating, followsLinks: followsLinks)
        } catch {
            if error.isMissing, !creating { return nil }
            throw StorageError(error, operation: "open", path: path(of: file))
        }
    }

    /// The final path, for the user.
    func path(of file: Int) -> String {
        let names = names
        let components = file < info.files.count ? names.folder(of: file) + [names.name(of: file)] : [names.parts]
        return path(below: components)
    }

    /// The path of `file`, final or partial.
    public func path(of file: Int, isFinished: Bool) -> String {
        path(below: names.folder(of: file) + [isFinished ? name(of: file) : names.partial(file)])
    }

    /// The path of something in the store's folder.
    func path(below components: [String]) -> String { ([folder] + components).joined(separator: "/") }

    /// The last component of the final path.
    func name(of file: Int) -> String { names.name(of: file) }

    /// The name that `file` has at `place`.
    func name(of file: Int, at place: Place) -> String {
        switch place {
        case .finished: name(of: file)
        case .partial: names.partial(file)
        }
    }

    /// Looks for `file` in `parent`, first under its final name, unless another file has that name and the known one
    /// has the partial name.
    func place(of file: Int, in parent: Descriptor) throws(StorageError) -> Place? {
        let name = name(of: file)
        let partialName = names.partial(file)
        let (identity, made) = state.withLock { ($0.identities[file], $0.made[file]) }
        return try naming("examine", path(of: file)) { () throws(SystemError) in
            let final = try parent.status(of: name, followsLinks: followsLinks)
            if let final, followsLinks || partialName == name || final.identity == identity || final.inode == made {
                if final.linkCount > 1, !followsLinks { try removeSecondName(partialName, of: final, in: parent) }
                return .finished(final)
            }
            guard let partial = try parent.status(of: partialName, followsLinks: followsLinks) else {
                return final.map { .finished($0) }
            }
            let isKnown = partial.identity == identity || partial.inode == made
            return final.flatMap { isKnown ? nil : .finished($0) } ?? .partial(partial)
        }
    }

    /// Removes the partial name that a kill during `renameExclusively` leaves behind.
    private func removeSecondName(
        _ partialName: String,
        of final: FileStatus,
        in parent: Descriptor
    ) throws(SystemError) {
        guard try parent.status(of: partialName)?.identity == final.identity else { return }
        try parent.remove(partialName)
    }

    /// Returns the open file, from the cache or the disk; nil if it does not exist. Takes the file's gate.
    func openIfPresent(_ file: Int, toWrite: Bool) throws(StorageError) -> Descriptor? {
        if let cached = state.withLock({ $0.cache.find(file, toWrite: toWrite) }) { return cached }
        return try gated(file) { () throws(StorageError) in try openInGate(file, toWrite: toWrite) }
    }

    /// `openIfPresent` for callers that hold the gate.
    ///
    /// Throws `.occupied` if the entry is not a file, or must not be written to; `.lost` if the file is gone.
    func openInGate(_ file: Int, toWrite: Bool) throws(StorageError) -> Descriptor? {
        let (cached, flags, identity) = state.withLock { state in
            (state.cache.find(file, toWrite: toWrite), state.files[file], state.identities[file])
        }
        if let cached { return cached }
        if flags.contains(.isAvoided) { return nil }
        guard let parent = try parent(of: file, creating: false), let place = try place(of: file, in: parent) else {
            if identity != nil { throw lose(file, .removed) }
            return nil
        }
        if place.status.kind != .file { throw occupied(file, .kind(place.status.kind), at: place) }
        if let identity, identity != place.status.identity { throw loseReplaced(file) }
        guard toWrite else { return try open(file, at: place, in: parent, .reading) }
        let isShort = place.status.size < info.files[file].size
        if isShort, identity != nil, !flags.contains(.isShort) { throw lose(file, .cut(place.status.size)) }
        try requireOurs(file, place)
        if place.status.linkCount > 1 { return try makeOwnCopy(of: file, at: place, in: parent) }
        let opened = try open(file, at: place, in: parent, .writing)
        if isShort {
            try naming("make", path(of: file)) { () throws(SystemError) in
                try opened?.resize(to: info.files[file].size)
            }
        }
        // From now on, a shorter file means that it was truncated.
        state.withLock { _ = $0.files[file].remove(.isShort) }
        return opened
    }

    /// Opens and caches a file; nil if it does not exist.
    private func open(
        _ file: Int,
        at place: Place,
        in parent: Descriptor,
        _ mode: Descriptor.Mode
    ) throws(StorageError) -> Descriptor? {
        let opened: Descriptor
        let status: FileStatus
        do throws(SystemError) {
            opened = try parent.open(name(of: file, at: place), mode, followsLinks: followsLinks)
            status = try opened.status()
        } catch {
            if error.isMissing { return nil }
            throw StorageError(error, operation: "open", path: path(of: file))
        }
        guard status.kind == .file else { throw occupied(file, .kind(status.kind)) }
        keep(opened, status.identity, as: file, isWritable: mode != .reading)
        return opened
    }

    /// Adds an open file to the cache.
    func keep(_ opened: Descriptor, _ identity: FileIdentity, as file: Int, isWritable: Bool) {
        let evicted = state.withLock { state in
            state.identities[file] = identity
            return state.cache.insert(file, .init(descriptor: opened, isWritable: isWritable))
        }
        _ = evicted
    }
}
