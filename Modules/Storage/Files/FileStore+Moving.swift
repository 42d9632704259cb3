// SPDX-License-Identifier: Apache-2.0

internal import RucheWire
internal import Synchronization

extension FileStore {
    /// Moves the torrent's files to `folder`, made if need be: by renaming, or across file systems by copying everything
    /// and deleting the originals once all copies are on the disk.
    ///
    /// After an error everything is where it was. After a kill, another call picks up what is left: what lies at both ends
    /// with one size and one time of modification is a copy already made. Nothing else is ever overwritten.
    ///
    /// - Throws: `StorageError`; `changed` where something else is in the way.
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
            var move = FileMove(from: old, to: new, oldPath: self.folder, newPath: folder)
            close()
            do throws(StorageError) {
                for item in movable { try move.carry(item) }
                try makeLinks(below: new)
            } catch {
                move.undo()
                throw error
            }
            state.withLock { state in
                state.root = new
                state.rootPath = folder
            }
            for file in 0..<layout.fileCount where layout.isStored(file) { noteFolders(above: file) }
            try flushInside()
            move.removeOriginals()
            removeLinks(below: old)
            try removeEmptyFolders(below: old)
        }
    }

    /// Every name that may be on the disk.
    private var movable: [FileMove.Item] {
        var items: [FileMove.Item] = []
        for (index, file) in info.files.enumerated() where !file.isPadding && file.symlinkTarget == nil {
            let name = name(of: index)
            for name in Set([name, names.partial(name)]) {
                items.append(.init(folder: file.path.dropLast(), name: name, temporary: names.temporary(index)))
            }
        }
        items.append(.init(folder: [], name: names.parts, temporary: names.temporary(layout.fileCount)))
        return items
    }

    private func removeLinks(below root: Descriptor) {
        for (index, file) in info.files.enumerated() where file.symlinkTarget != nil {
            // A link left behind does no harm.
            guard let parent = try? root.folder(file.path.dropLast(), creating: false) else { continue }
            if (try? parent.status(of: name(of: index)))??.kind == .symlink { _ = try? parent.remove(name(of: index)) }
        }
    }
}
