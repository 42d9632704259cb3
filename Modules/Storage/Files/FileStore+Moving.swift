// SPDX-License-Identifier: Apache-2.0

internal import RucheWire
internal import Synchronization

extension FileStore {
    /// Moves the torrent's files to `folder`, which is created if needed: by renaming, or, across file systems, by
    /// copying everything and deleting the originals once all copies are on disk.
    ///
    /// After an error, everything is where it was. After a kill, another call completes the move: a file that exists in
    /// both folders with the same size and modification time has been copied already. Nothing else is ever overwritten.
    ///
    /// - Throws: `StorageError`; `changed` if something else is in the way.
    public func move(to folder: String) throws(StorageError) {
        try requireWritable("move")
        try access.alone { () throws(StorageError) in
            let old = try root()
            let new = try naming("open", folder) { () throws(SystemError) in
                try Descriptor.makeFolders(path: folder)
                return try Descriptor.open(path: folder, .folder)
            }
            let isSame = try naming("examine", folder) { () throws(SystemError) in
                let (from, to) = (try old.status(), try new.status())
                return from.device == to.device && from.inode == to.inode
            }
            guard !isSame else { return }
            let (oldNames, newNames) = (names, try makeNames(in: new))
            var move = FileMove(from: old, to: new, oldPath: self.folder, newPath: folder)
            close()
            do throws(StorageError) {
                for item in movable(oldNames, newNames) { try move.carry(item) }
                try makeLinks(below: new, newNames)
            } catch {
                move.undo()
                throw error
            }
            state.withLock { state in
                state.root = new
                state.rootPath = folder
                state.names = newNames
            }
            for file in 0..<layout.fileCount where layout.isStored(file) { noteFolders(above: file) }
            try flushInside()
            move.removeOriginals()
            removeLinks(below: old, oldNames)
            try removeEmptyFolders(below: old, oldNames)
        }
    }

    /// Every file that may exist, with its old and new names.
    private func movable(_ old: FileNames, _ new: FileNames) -> [FileMove.Item] {
        var items: [FileMove.Item] = []
        for (index, file) in info.files.enumerated() where !file.isPadding && file.symlinkTarget == nil {
            if state.withLock({ $0.files[index].contains(.isAvoided) }) { continue }
            let (from, to) = (old.place(of: index), new.place(of: index))
            items.append(.init(from: from, to: to, temporary: old.temporary(index)))
            let partial = FileNames.Place(folder: from.folder, name: old.partial(index))
            let newPartial = FileNames.Place(folder: to.folder, name: new.partial(index))
            items.append(.init(from: partial, to: newPartial, temporary: old.temporary(index)))
        }
        let parts = FileNames.Place(folder: [], name: old.parts)
        items.append(.init(from: parts, to: parts, temporary: old.temporary(layout.fileCount)))
        return items
    }

    private func removeLinks(below root: Descriptor, _ names: FileNames) {
        for (index, file) in info.files.enumerated() where file.symlinkTarget != nil {
            let place = names.place(of: index)
            // A link that stays behind does no harm.
            guard let parent = try? root.folder(place.folder[...], creating: false) else { continue }
            if (try? parent.status(of: place.name))??.kind == .symlink { _ = try? parent.remove(place.name) }
        }
    }
}
