// SPDX-License-Identifier: Apache-2.0

/// Small files that are read and replaced as a whole, such as a magnet link's metadata or a session's settings.
package enum SmallFile {
    /// Returns the bytes at `path`, at most `limit`.
    ///
    /// - Throws: `StorageError` if the file cannot be read; `.limit` if it has more than `limit` bytes.
    package static func read(_ path: String, limit: Int) throws(StorageError) -> [UInt8] {
        // One extra byte shows that there are too many. Files in /proc do not report their size.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: limit + 1, alignment: 16)
        defer { buffer.deallocate() }
        let count = try naming("read", path) { () throws(SystemError) in
            try Descriptor.open(path: path, .reading).read(into: buffer, at: 0)
        }
        guard count <= limit else {
            throw StorageError(.limit, operation: "read", path: path, reason: "it has more than \(limit) bytes")
        }
        return Array(buffer[..<count])
    }

    /// Replaces the file at `path` with `bytes` and flushes it. After a power cut, either the old or the new content is
    /// there.
    ///
    /// - Throws: `StorageError` if the file cannot be written; the old one stays.
    package static func replace(_ path: String, with bytes: [UInt8]) throws(StorageError) {
        let (folderPath, name) = PathText.split(path)
        try naming("write", path) { () throws(SystemError) in
            try Descriptor.makeFolders(path: folderPath)
            let folder = try Descriptor.open(path: folderPath, .folder)
            _ = try replace(name, in: folder, with: bytes)
        }
    }

    /// Replaces a file in an open folder, and returns the new file, open. Unless `isDurable`, a power cut may lose it.
    static func replace(
        _ name: String,
        in folder: Descriptor,
        with bytes: [UInt8],
        isDurable: Bool = true,
        preparing: (Descriptor) throws(SystemError) -> Void = { _ in }
    ) throws(SystemError) -> Descriptor {
        let temporary = name + ".new"
        try folder.remove(temporary)
        let file = try folder.open(temporary, .creatingNew)
        do throws(SystemError) {
            try preparing(file)
            try file.write(bytes, at: 0)
            if isDurable { try file.syncData() }
            try folder.rename(temporary, to: folder, name)
        } catch {
            _ = try? folder.remove(temporary)
            throw error
        }
        if isDurable { try folder.syncFolder() }
        return file
    }
}

/// Paths as text.
enum PathText {
    /// Splits a path into its folder and name.
    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let folder = path[..<slash]
        return (folder.isEmpty ? "/" : String(folder), String(path[path.utf8.index(after: slash)...]))
    }
}
