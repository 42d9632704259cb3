// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

extension FileStore {
    /// Deletes the torrent's files, the parts file, and the folders that this leaves empty; nothing else.
    ///
    /// - Throws: `StorageError` where something cannot be deleted.
    public func removeData() throws(StorageError) {
        try requireWritable("remove")
        try access.alone { () throws(StorageError) in
            close()
            var walker = FolderWalker(self)
            for (index, file) in info.files.enumerated() where !file.isPadding {
                guard let parent = try walker.parent(of: index) else { continue }
                try naming("remove", path(of: index)) { () throws(SystemError) in try remove(index, from: parent) }
            }
            let root = try root()
            try naming("remove", path(of: layout.fileCount)) { () throws(SystemError) in try root.remove(names.parts) }
            try removeEmptyFolders(below: root, names)
        }
    }

    /// Removes what is ours of `file`: a folder or a link in its place is not.
    private func remove(_ file: Int, from parent: Descriptor) throws(SystemError) {
        let name = name(of: file)
        let kind: FileStatus.Kind = info.files[file].symlinkTarget == nil ? .file : .symlink
        for name in Set([name, names.partial(file), names.temporary(file)]) {
            if try parent.status(of: name)?.kind == kind { try parent.remove(name) }
        }
    }

    /// Removes the torrent's folders that hold nothing, the deepest first.
    func removeEmptyFolders(below root: Descriptor, _ names: FileNames) throws(StorageError) {
        var folders: Set<ArraySlice<String>> = []
        for file in info.files.indices {
            var folder = names.folder(of: file)[...]
            while !folder.isEmpty, folders.insert(folder).inserted { folder = folder.dropLast() }
        }
        for folder in folders.sorted(by: { $0.count > $1.count }) {
            guard let name = folder.last else { continue }
            do throws(SystemError) {
                try root.folder(folder.dropLast(), creating: false).removeFolderIfEmpty(name)
            } catch {
                // Not there, or no folder of ours: nothing to remove.
                if error.isMissing || error.isNotADirectory { continue }
                throw StorageError(error, operation: "remove", path: ([self.folder] + folder).joined(separator: "/"))
            }
        }
    }
}
