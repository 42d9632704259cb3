// SPDX-License-Identifier: Apache-2.0

/// Moves files from one folder to another.
///
/// Nothing is lost before `removeOriginals`: renamed files can be renamed back, and the originals of copied files
/// remain.
struct FileMove {
    /// A file that may exist.
    struct Item {
        let from: FileNames.Place
        let to: FileNames.Place
        /// The name of an incomplete copy.
        let temporary: String
    }

    private let from: Descriptor
    private let to: Descriptor
    private let oldPath: String
    private let newPath: String
    private var renamed: [Item] = []
    private var copied: [Item] = []
    /// Copies that an earlier attempt completed.
    private var found: [Item] = []

    init(from: Descriptor, to: Descriptor, oldPath: String, newPath: String) {
        self.from = from
        self.to = to
        self.oldPath = oldPath
        self.newPath = newPath
    }

    /// Moves or copies `item`, if it exists.
    mutating func carry(_ item: Item) throws(StorageError) {
        let original = try naming("move", path(of: item.from, below: oldPath)) { () throws(SystemError) in
            try Self.existing { () throws(SystemError) in try from.folder(item.from.folder[...], creating: false) }
        }
        guard let original else { return }
        let status = try naming("move", path(of: item.from, below: oldPath)) { () throws(SystemError) in
            try original.status(of: item.from.name)
        }
        guard let status, status.kind == .file else { return }
        let target = try naming("move", path(of: item.to, below: newPath)) { () throws(SystemError) in
            try to.folder(item.to.folder[...], creating: true)
        }
        let other = try naming("move", path(of: item.to, below: newPath)) { () throws(SystemError) in
            try target.status(of: item.to.name)
        }
        if let other {
            let isCopy =
                other.kind == .file && other.size == status.size
                && other.modifiedNanoseconds == status.modifiedNanoseconds
            guard isCopy else {
                let path = path(of: item.to, below: newPath)
                throw StorageError(.changed, operation: "move to", path: path, reason: "something else is there")
            }
            found.append(item)
            return
        }
        try naming("move", path(of: item.to, below: newPath)) { () throws(SystemError) in
            try carry(item, status, from: original, to: target)
        }
    }

    /// Renames back what was renamed and deletes what was copied, as far as possible.
    mutating func undo() {
        for item in renamed.reversed() {
            guard let home = try? from.folder(item.from.folder[...], creating: true) else { continue }
            try? to.folder(item.to.folder[...], creating: false).rename(item.to.name, to: home, item.from.name)
        }
        for item in copied { _ = try? to.folder(item.to.folder[...], creating: false).remove(item.to.name) }
        renamed = []
        copied = []
    }

    /// Deletes the originals of copied files. Failures are ignored, because a copy exists.
    func removeOriginals() {
        for item in copied + found {
            _ = try? from.folder(item.from.folder[...], creating: false).remove(item.from.name)
        }
    }

    private mutating func carry(
        _ item: Item,
        _ status: FileStatus,
        from original: Descriptor,
        to target: Descriptor
    ) throws(SystemError) {
        do throws(SystemError) {
            try original.rename(item.from.name, to: target, item.to.name)
            renamed.append(item)
        } catch {
            guard error.isOtherFileSystem else { throw error }
            try target.remove(item.temporary)
            do throws(SystemError) {
                let copy = try target.open(item.temporary, .creatingNew)
                try original.open(item.from.name, .reading).copyAll(to: copy, status)
                try target.rename(item.temporary, to: target, item.to.name)
            } catch {
                _ = try? target.remove(item.temporary)
                throw error
            }
            copied.append(item)
        }
    }

    private static func existing<R>(_ body: () throws(SystemError) -> R) throws(SystemError) -> R? {
        do throws(SystemError) {
            return try body()
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }

    private func path(of place: FileNames.Place, below root: String) -> String {
        ([root] + place.folder + [place.name]).joined(separator: "/")
    }
}
