// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file that a command creates without losing anything of the user's.
///
/// Anything that is not a regular file (a terminal, a pipe, a device) is written to, and so are descriptors that the
/// process was started with (standard output, `/dev/fd/3`), whatever they are. A block device is written to only if the
/// user asks for it, because it may hold a file system. An existing regular file is also replaced only if the user asks
/// for it, atomically, and keeps its mode. The command's source, and anything in it, is never replaced.
struct OutputFile {
    let path: String
    private let place: Place

    private enum Place {
        /// Create the file, or replace a file of this mode.
        case plain(path: String, mode: mode_t?)
        /// Write to it as it is.
        case open(path: String)
        /// Write to a descriptor that this process was started with.
        case descriptor(Int32)
    }

    /// Examines what exists. Nothing is changed before `write`.
    init(_ path: String, source: String, replacesExisting: Bool) throws {
        self.path = path
        guard !path.isEmpty else { throw CommandFailure("no output file is named") }
        guard let found = Self.status(path) else {
            guard path.utf8.last != UInt8(ascii: "/") else { throw CommandFailure("\(path) is not a folder") }
            let parts = PathParts(path)
            let folder = try Self.resolve(parts.folder, path)
            guard !Self.isInside(folder, source) else { throw Self.inSource(path) }
            place = .plain(path: "\(folder)/\(parts.name)", mode: nil)
            return
        }
        guard found.st_mode & S_IFMT != S_IFDIR else { throw CommandFailure("\(path) is a folder") }
        if let output = Self.status(descriptor: STDOUT_FILENO), Self.isSame(output, found) {
            place = .descriptor(STDOUT_FILENO)
            return
        }
        // Replacing the file behind the descriptor would leave the shell's redirection with another file.
        if let number = Self.descriptor(named: path) {
            place = .descriptor(number)
            return
        }
        guard found.st_mode & S_IFMT == S_IFREG else {
            // It may hold a file system.
            guard replacesExisting || found.st_mode & S_IFMT != S_IFBLK else {
                throw CommandFailure("\(path) is a disk or a part of one; --force writes over what it holds")
            }
            place = .open(path: path)
            return
        }
        // A symbolic link remains: its target is replaced.
        let real = try Self.resolve(path, path)
        let isSource = Self.status(source).map { Self.isSame($0, found) } ?? false
        guard !isSource, !Self.isInside(real, source) else { throw Self.inSource(path) }
        guard replacesExisting else { throw CommandFailure("\(path) already exists; use --force to replace it") }
        place = .plain(path: real, mode: found.st_mode & 0o7777)
    }

    /// Whether the file is this process's standard output.
    var isStandardOutput: Bool { if case .descriptor(STDOUT_FILENO) = place { true } else { false } }

    /// Writes `bytes`, but never over a file for which `isSource` returns true.
    func write(_ bytes: [UInt8], sparing isSource: (_ path: String) -> Bool) throws {
        switch place {
        case .descriptor(let number): try Self.write(bytes, to: number, path)
        case .open(let real):
            let descriptor = open(real, O_WRONLY | O_CLOEXEC | O_NOCTTY)
            guard descriptor >= 0 else { throw failure }
            defer { close(descriptor) }
            try Self.write(bytes, to: descriptor, path)
        case .plain(let real, let mode):
            guard mode == nil || !isSource(real) else { throw Self.inSource(path) }
            try replace(real, mode, bytes)
        }
    }

    private func replace(_ real: String, _ mode: mode_t?, _ bytes: [UInt8]) throws {
        let temporary = "\(PathParts(real).folder)/.file-share.\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure }
        defer { close(descriptor) }
        do {
            try Self.write(bytes, to: descriptor, path)
            if let mode, fchmod(descriptor, mode) != 0 { throw failure }
            // Another process may have created the file meanwhile; a hard link replaces nothing.
            if mode == nil, link(temporary, real) == 0 {
                unlink(temporary)
                return
            }
            if mode == nil { try claim(real) }
            guard rename(temporary, real) == 0 else { throw failure }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Creates an empty file under the name, if it is free, because the file systems of memory cards have no links.
    private func claim(_ real: String) throws {
        let descriptor = open(real, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure }
        close(descriptor)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
        do {
            try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: bytes)
        } catch {
            throw CommandFailure("cannot write \(path): \(error.localizedDescription)")
        }
    }

    private var failure: CommandFailure { CommandFailure("cannot write \(path): \(String(cString: strerror(errno)))") }

    private static func inSource(_ path: String) -> CommandFailure {
        CommandFailure("\(path) is part of the source: write the torrent elsewhere")
    }

    private static func resolve(_ path: String, _ shown: String) throws -> String {
        guard let real = realpath(path, nil) else {
            throw CommandFailure("cannot write \(shown): \(String(cString: strerror(errno)))")
        }
        defer { free(real) }
        return String(cString: real)
    }

    private static func isInside(_ real: String, _ source: String) -> Bool {
        guard let folder = try? resolve(source, source) else { return false }
        // Compared as bytes, because a combining mark after a slash makes it another `Character`.
        let inner = (folder == "/" ? "/" : folder + "/").utf8
        return real.utf8.elementsEqual(folder.utf8) || real.utf8.starts(with: inner)
    }

    /// Returns the number in the system's name of an open descriptor.
    private static func descriptor(named path: String) -> Int32? {
        if path == "/dev/stderr" { return STDERR_FILENO }
        for folder in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(folder) {
            return Int32(path.dropFirst(folder.count))
        }
        return nil
    }

    private static func status(_ path: String) -> stat? {
        var found = stat()
        return stat(path, &found) == 0 ? found : nil
    }

    private static func status(descriptor: Int32) -> stat? {
        var found = stat()
        return fstat(descriptor, &found) == 0 ? found : nil
    }

    private static func isSame(_ a: stat, _ b: stat) -> Bool { a.st_dev == b.st_dev && a.st_ino == b.st_ino }
}
