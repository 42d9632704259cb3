// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The status of a file as the system reports it.
struct FileStatus: Hashable {
    enum Kind { case file, folder, symlink, other }

    let kind: Kind
    /// The size in bytes.
    let size: Int
    /// The modification time, since 1970.
    let modifiedNanoseconds: Int64
    /// The device number of the file system.
    let device: UInt64
    /// The file's number in its file system.
    let inode: UInt64
    /// Permission bits.
    let permissions: UInt32
    /// The number of hard links.
    let linkCount: Int

    /// The file's identity, independent of its name.
    var identity: FileIdentity { FileIdentity(device: device, inode: inode) }

    fileprivate init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .symlink
            default: .other
            }
        size = Int(status.st_size)
        #if canImport(Darwin)
        let modified = status.st_mtimespec
        #else
        let modified = status.st_mtim
        #endif
        modifiedNanoseconds = Int64(modified.tv_sec) &* 1_000_000_000 &+ Int64(modified.tv_nsec)
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(status.st_ino)
        permissions = UInt32(status.st_mode & 0o7777)
        linkCount = Int(status.st_nlink)
    }
}

/// Identifies a file independently of its name.
struct FileIdentity: Hashable {
    let device: UInt64
    let inode: UInt64
}

extension Descriptor {
    /// Returns the status of the open file or folder.
    func status() throws(SystemError) -> FileStatus {
        var status = stat()
        try Self.retrying { fstat(number, &status) }
        return FileStatus(status)
    }

    /// Returns the status of `name` in this folder, of a link itself unless `followsLinks`; nil if nothing is there.
    func status(of name: String, followsLinks: Bool = false) throws(SystemError) -> FileStatus? {
        var status = stat()
        do throws(SystemError) {
            try Self.retrying { fstatat(number, name, &status, followsLinks ? 0 : AT_SYMLINK_NOFOLLOW) }
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
        return FileStatus(status)
    }

    /// Returns the status of what `path` leads to.
    static func status(path: String) throws(SystemError) -> FileStatus {
        var status = stat()
        try retrying { stat(path, &status) }
        return FileStatus(status)
    }

    /// Opens the folder at `components` below this one, without following symbolic links unless `followsLinks`. Missing
    /// folders are created if `creating`.
    func folder(
        _ components: ArraySlice<String>,
        creating: Bool,
        followsLinks: Bool = false
    ) throws(SystemError) -> Descriptor {
        var current = self
        for name in components {
            do throws(SystemError) {
                current = try current.open(name, .folder, followsLinks: followsLinks)
            } catch {
                guard error.isMissing, creating else { throw error }
                try current.makeFolder(name)
                current = try current.open(name, .folder)
            }
        }
        return current
    }

    /// Creates a folder, unless it exists.
    func makeFolder(_ name: String) throws(SystemError) {
        do throws(SystemError) {
            try Self.retrying { mkdirat(number, name, 0o777) }
        } catch {
            guard error.isExisting else { throw error }
        }
    }

    /// Creates the folder at `path`, which the user chose, and its parents.
    static func makeFolders(path: String) throws(SystemError) {
        var end = path.startIndex
        while end < path.endIndex {
            end = path.utf8[end...].dropFirst().firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
            let prefix = String(path[..<end])
            if mkdir(prefix, 0o777) == -1, errno != EEXIST, errno != EISDIR {
                let error = SystemError.current
                // A parent may exist and still refuse the attempt.
                guard let status = try? status(path: prefix), status.kind == .folder else { throw error }
            }
        }
    }

    /// Removes a file or link; returns whether there was one.
    @discardableResult
    func remove(_ name: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try Self.retrying { unlinkat(number, name, 0) }
            return true
        } catch {
            guard error.isMissing else { throw error }
            return false
        }
    }

    /// Removes a folder, unless it is missing or not empty; returns whether it is gone.
    @discardableResult
    func removeFolderIfEmpty(_ name: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try Self.retrying { unlinkat(number, name, AT_REMOVEDIR) }
            return true
        } catch {
            guard error.isNotEmpty || error.isMissing || error.isNotADirectory else { throw error }
            return error.isMissing
        }
    }

    /// Renames, replacing what has the new name.
    func rename(_ name: String, to folder: Descriptor, _ newName: String) throws(SystemError) {
        try Self.retrying { renameat(number, name, folder.number, newName) }
    }

    /// Renames within this folder; throws `.exists` if something has the new name.
    func renameExclusively(_ name: String, to newName: String) throws(SystemError) {
        do throws(SystemError) {
            // A hard link first: unlike a rename, it never replaces anything.
            try Self.retrying { linkat(number, name, number, newName, 0) }
        } catch {
            guard error.isWithoutLinks else { throw error }
            guard try status(of: newName) == nil else { throw .exists }
            return try rename(name, to: self, newName)
        }
        try remove(name)
    }

    /// Creates a symbolic link.
    func link(_ name: String, to target: String) throws(SystemError) {
        try Self.retrying { symlinkat(target, number, name) }
    }

    /// Returns the target of a symbolic link.
    func linkTarget(_ name: String) throws(SystemError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = try Self.retrying { readlinkat(number, name, &buffer, buffer.count) }
        return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Sets the permission bits.
    func setPermissions(_ permissions: UInt32) throws(SystemError) {
        try Self.retrying { fchmod(number, mode_t(permissions)) }
    }

    /// Sets the modification time, since 1970.
    func setModified(nanoseconds: Int64) throws(SystemError) {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let time = timespec(
            tv_sec: Int(rest < 0 ? seconds - 1 : seconds),
            tv_nsec: Int(rest < 0 ? rest + 1_000_000_000 : rest)
        )
        try Self.retrying {
            withUnsafePointer(to: (time, time)) { pair in
                pair.withMemoryRebound(to: timespec.self, capacity: 2) { futimens(number, $0) }
            }
        }
    }

    /// Takes an exclusive lock on the file for this process; throws if another process holds it.
    ///
    /// Between fork and exec, a child process holds all descriptors of this process, locks included, so a lock that was
    /// just released may still be held. The call retries `StorageLimits.lockAttempts` times, 10 ms apart.
    func lock() throws(SystemError) {
        for attempt in 1... {
            do throws(SystemError) {
                _ = try Self.retrying { flock(number, LOCK_EX | LOCK_NB) }
                return
            } catch {
                guard error.isLocked, attempt < StorageLimits.lockAttempts else { throw error }
                usleep(10_000)
            }
        }
    }

    /// Opens and locks the file that has the name, even if a rewrite replaces it meanwhile.
    func openLocked(_ name: String) throws(SystemError) -> Descriptor {
        while true {
            let file = try open(name, .creating)
            try file.lock()
            if try status(of: name)?.inode == file.status().inode { return file }
        }
    }
}
