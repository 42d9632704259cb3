// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

extension FileStore {
    /// Makes empty files and links, and with `preallocated` all wanted files: when a download starts. May be repeated.
    ///
    /// - Throws: `StorageError` where something cannot be made, or `diskFull` where there is no room for what is
    ///   preallocated.
    public func createSkeleton() throws(StorageError) {
        try requireWritable("make")
        try access.shared { () throws(StorageError) in
            for (index, file) in info.files.enumerated() where !file.isPadding && file.symlinkTarget == nil {
                guard !isSkipped(index), file.size == 0 || options.allocation == .preallocated else { continue }
                try gated(index) { () throws(StorageError) in
                    if try openInGate(index, toWrite: false) == nil { _ = try createInGate(index) }
                    if file.size == 0 { try finishInGate(index) }
                }
            }
            // Last, so that no folder of ours can come to lie behind one.
            try makeLinks(below: root(), names)
            noteLinks()
        }
    }

    /// Gives a complete file its final name and attributes. Nothing happens where it is not on the disk under a partial name.
    ///
    /// - Throws: `StorageError` where the file cannot be renamed or flushed.
    public func finish(file: Int) throws(StorageError) {
        try requireWritable("finish")
        guard layout.isStored(file) else { return }
        try access.shared { () throws(StorageError) in
            try gated(file) { () throws(StorageError) in try finishInGate(file) }
        }
    }

    /// Makes a file of full size under its partial name, with what the parts file holds of it.
    ///
    /// It appears at once and whole: whoever finds it may rely on its having all that the parts file had, even after a kill.
    func createInGate(_ file: Int) throws(StorageError) -> Descriptor {
        guard let parent = try parent(of: file, creating: true) else {
            throw StorageError(.missing, operation: "make", path: path(of: file), reason: "its folder is gone")
        }
        let temporary = names.temporary(file)
        let size = info.files[file].size
        let made = try naming("make", path(of: file)) { () throws(SystemError) in
            try parent.remove(temporary)
            return try parent.open(temporary, .creatingNew)
        }
        do throws(StorageError) {
            try naming("make", path(of: file)) { () throws(SystemError) in
                if options.allocation == .preallocated { try made.allocate(size) } else { try made.resize(to: size) }
            }
            try takeFromParts(file, to: made)
            try naming("make", path(of: file)) { () throws(SystemError) in
                try parent.rename(temporary, to: parent, names.partial(file))
            }
        } catch {
            _ = try? parent.remove(temporary)
            throw error
        }
        noteWritten(file)
        noteFolders(above: file)
        keep(made, as: file, isWritable: true)
        return made
    }

    private func finishInGate(_ file: Int) throws(StorageError) {
        guard let parent = try parent(of: file, creating: false), let place = try place(of: file, in: parent) else {
            return
        }
        let name = name(of: file)
        switch place {
        case .finished(let status):
            try settle(file, as: name, in: parent, status)
        case .partial(let status):
            let partial = names.partial(file)
            try settle(file, as: partial, in: parent, status)
            try naming("rename", path(of: file)) { () throws(SystemError) in
                try parent.rename(partial, to: parent, name)
            }
            noteFolders(above: file)
        }
    }

    /// Cuts what is beyond the file's end and sets its attributes.
    private func settle(_ file: Int, as name: String, in parent: Descriptor, _ status: FileStatus) throws(StorageError)
    {
        let entry = info.files[file]
        let executable = status.permissions | (status.permissions & 0o444) >> 2
        let makesExecutable = entry.isExecutable && executable != status.permissions
        guard status.size > entry.size || makesExecutable else { return }
        try naming("finish", path(of: file)) { () throws(SystemError) in
            let opened = try parent.open(name, .writing)
            if status.size > entry.size { try opened.resize(to: entry.size) }
            if makesExecutable { try opened.setPermissions(executable) }
        }
    }

    /// Makes the torrent's symbolic links (BEP 47); their targets lie inside of it.
    func makeLinks(below root: Descriptor, _ names: FileNames) throws(StorageError) {
        for (index, file) in info.files.enumerated() {
            guard let target = file.symlinkTarget else { continue }
            let (folder, name) = (names.folder(of: index), names.name(of: index))
            let relative = Self.relativePath(from: folder[...], to: target)
            try naming("link", path(of: index)) { () throws(SystemError) in
                let parent = try root.folder(folder[...], creating: true)
                if try parent.status(of: name)?.kind == .symlink, try parent.linkTarget(name) == relative { return }
                try parent.link(name, to: relative)
            }
        }
    }

    private func noteLinks() {
        for (index, file) in info.files.enumerated() where file.symlinkTarget != nil { noteFolders(above: index) }
    }

    /// How `target` is reached from `folder`, both below the chosen folder.
    static func relativePath(from folder: ArraySlice<String>, to target: [String]) -> String {
        let common = zip(folder, target.dropLast()).prefix { $0 == $1 }.count
        let up = Array(repeating: "..", count: folder.count - common)
        return (up + target.dropFirst(common)).joined(separator: "/")
    }
}
