// SPDX-License-Identifier: Apache-2.0

internal import RucheWire
internal import Synchronization

extension FileStore {
    /// Deletes the torrent's files, the parts file, and the folders that become empty; nothing else.
    ///
    /// - Throws: `StorageError` if something cannot be deleted.
    public func removeData() throws(StorageError) {
        try requireWritable("remove")
        try access.alone { () throws(StorageError) in
            let identities = state.withLock { $0.identities }
            close()
            state.withLock { $0.identities = identities }
            defer { state.withLock { $0.identities = [:] } }
            var walker = FolderWalker(self)
            for (index, file) in info.files.enumerated() where !file.isPadding {
                guard let parent = try walker.parent(of: index) else { continue }
                try remove(index, from: parent)
            }
            let root = try root()
            try naming("remove", path(of: layout.fileCount)) { () throws(SystemError) in try root.remove(names.parts) }
            try removeEmptyFolders(below: root, names)
        }
    }

    /// Removes `file` if it is ours. A folder or link in its place is not ours, nor is an unclaimed file.
    private func remove(_ file: Int, from parent: Descriptor) throws(StorageError) {
        let (isOurs, identity) = state.withLock { ($0.files[file].contains(.isOurs), $0.identities[file]) }
        let isLink = info.files[file].symlinkTarget != nil
        let place = isOurs ? try place(of: file, in: parent) : nil
        try naming("remove", path(of: file)) { () throws(SystemError) in
            try parent.remove(names.temporary(file))
            if isLink, try parent.status(of: name(of: file))?.kind == .symlink { try parent.remove(name(of: file)) }
            guard !isLink, let place, place.status.kind == .file else { return }
            if identity == nil || identity == place.status.identity { try parent.remove(name(of: file, at: place)) }
        }
    }

    /// Removes the torrent's empty folders, deepest first.
    func removeEmptyFolders(below root: Descriptor, _ names: FileNames) throws(StorageError) {
        var folders: Set<ExactPath> = []
        for file in info.files.indices {
            var folder = names.folder(of: file)[...]
            while !folder.isEmpty, folders.insert(ExactPath(folder)).inserted { folder = folder.dropLast() }
        }
        for folder in folders.map(\.components).sorted(by: { $0.count > $1.count }) {
            guard let name = folder.last else { continue }
            do throws(SystemError) {
                try root.folder(folder.dropLast(), creating: false).removeFolderIfEmpty(name)
            } catch {
                // It does not exist, or is not our folder: there is nothing to remove.
                if error.isMissing || error.isNotADirectory { continue }
                throw StorageError(error, operation: "remove", path: ([self.folder] + folder).joined(separator: "/"))
            }
        }
    }
}
