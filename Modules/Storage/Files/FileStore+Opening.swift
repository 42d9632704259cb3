// SPDX-License-Identifier: Apache-2.0

internal import RucheWire
internal import Synchronization

extension FileStore {
    /// Where a file is, as the disk says.
    enum Place {
        /// Under its final name.
        case finished(FileStatus)
        /// Under its name with a suffix.
        case partial(FileStatus)
    }

    /// The chosen folder, opened if need be.
    func root() throws(StorageError) -> Descriptor {
        let (open, path) = state.withLock { ($0.root, $0.rootPath) }
        if let open { return open }
        let opened = try naming("open", path) { () throws(SystemError) in try Descriptor.open(path: path, .folder) }
        return state.withLock { state in
            if state.root == nil { state.root = opened }
            return state.root ?? opened
        }
    }

    /// The folder that holds `file`; nil where it is missing and not to be made.
    func parent(of file: Int, creating: Bool) throws(StorageError) -> Descriptor? {
        let root = try root()
        do throws(SystemError) {
            return try root.folder(names.folder(of: file)[...], creating: creating)
        } catch {
            if error.isMissing, !creating { return nil }
            throw StorageError(error, operation: "open", path: path(of: file))
        }
    }

    /// The final path, for the user.
    func path(of file: Int) -> String {
        let names = names
        let components = file < info.files.count ? names.folder(of: file) + [names.name(of: file)] : [names.parts]
        return ([folder] + components).joined(separator: "/")
    }

    /// The last component of the final path.
    func name(of file: Int) -> String { names.name(of: file) }

    /// Looks for `file` in `parent`: under its final name first.
    func place(of file: Int, in parent: Descriptor) throws(StorageError) -> Place? {
        let name = name(of: file)
        return try naming("examine", path(of: file)) { () throws(SystemError) in
            if let status = try parent.status(of: name) { return .finished(status) }
            guard options.access == .download, let status = try parent.status(of: names.partial(file)) else {
                return nil
            }
            return .partial(status)
        }
    }

    /// The open file, from the cache or the disk; nil where it is not there. Takes the file's gate.
    func openIfPresent(_ file: Int, toWrite: Bool) throws(StorageError) -> Descriptor? {
        if let cached = state.withLock({ $0.cache.find(file, toWrite: toWrite) }) { return cached }
        return try gated(file) { () throws(StorageError) in try openInGate(file, toWrite: toWrite) }
    }

    /// `openIfPresent` for those who hold the gate.
    func openInGate(_ file: Int, toWrite: Bool) throws(StorageError) -> Descriptor? {
        if let cached = state.withLock({ $0.cache.find(file, toWrite: toWrite) }) { return cached }
        guard let parent = try parent(of: file, creating: false) else { return nil }
        let name = name(of: file)
        if let finished = try open(file, as: name, in: parent, toWrite ? .writing : .reading) { return finished }
        guard options.access == .download else { return nil }
        return try open(file, as: names.partial(file), in: parent, .writing)
    }

    /// Opens and keeps; nil where it is not there.
    private func open(
        _ file: Int,
        as name: String,
        in parent: Descriptor,
        _ mode: Descriptor.Mode
    ) throws(StorageError) -> Descriptor? {
        do throws(SystemError) {
            let opened = try parent.open(name, mode)
            guard try opened.status().kind == .file else {
                throw SystemError.notAFile
            }
            keep(opened, as: file, isWritable: mode != .reading)
            return opened
        } catch {
            if error.isMissing { return nil }
            throw StorageError(error, operation: "open", path: path(of: file))
        }
    }

    /// Puts an open file into the cache.
    func keep(_ opened: Descriptor, as file: Int, isWritable: Bool) {
        let evicted = state.withLock { $0.cache.insert(file, .init(descriptor: opened, isWritable: isWritable)) }
        _ = evicted
    }
}
