// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file that a command makes, where nothing of the user's is lost by it.
///
/// What is no plain file (a terminal, a pipe, a device) is written to, and so is what the process was started with (standard
/// output, `/dev/fd/3`), whatever that leads to. A plain file that exists is replaced only if the
/// user says so, at once and whole, and keeps its mode. The source of the command, and anything in it, never is.
struct OutputFile {
    let path: String
    private let place: Place

    private enum Place {
        /// To be made, or to replace a file of this mode.
        case plain(path: String, mode: mode_t?)
        /// To be written to as it is.
        case open(path: String)
        /// What this process was started with.
        case descriptor(Int32)
    }

    /// Looks at what is there. Nothing is changed before `write`.
    init(_ path: String, source: String, replacesExisting: Bool) throws {
        self.path = path
        guard let found = Self.status(path) else {
            let name = URL(filePath: path).lastPathComponent
            let folder = try Self.resolve(
                URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false),
                path
            )
            guard !Self.isInside(folder, source) else { throw Self.inSource(path) }
            place = .plain(path: "\(folder)/\(name)", mode: nil)
            return
        }
        guard found.st_mode & S_IFMT != S_IFDIR else { throw CommandFailure("\(path) is a folder") }
        if let output = Self.status(descriptor: STDOUT_FILENO), Self.isSame(output, found) {
            place = .descriptor(STDOUT_FILENO)
            return
        }
        // To replace the file behind it would leave the shell's redirection with another file.
        if let number = Self.descriptor(named: path) {
            place = .descriptor(number)
            return
        }
        guard found.st_mode & S_IFMT == S_IFREG else {
            place = .open(path: path)
            return
        }
        // A link stays one: what it leads to is replaced.
        let real = try Self.resolve(path, path)
        let isSource = Self.status(source).map { Self.isSame($0, found) } ?? false
        guard !isSource, !Self.isInside(real, source) else { throw Self.inSource(path) }
        guard replacesExisting else { throw CommandFailure("\(path) is there already; --force replaces it") }
        place = .plain(path: real, mode: found.st_mode & 0o7777)
    }

    /// Whether what is written goes where this process prints.
    var isStandardOutput: Bool { if case .descriptor(STDOUT_FILENO) = place { true } else { false } }

    func write(_ bytes: [UInt8]) throws {
        switch place {
        case .descriptor(let number): try Self.write(bytes, to: number, path)
        case .open(let real):
            let descriptor = open(real, O_WRONLY | O_CLOEXEC | O_NOCTTY)
            guard descriptor >= 0 else { throw failure }
            defer { close(descriptor) }
            try Self.write(bytes, to: descriptor, path)
        case .plain(let real, let mode): try replace(real, mode, bytes)
        }
    }

    private func replace(_ real: String, _ mode: mode_t?, _ bytes: [UInt8]) throws {
        let temporary =
            URL(filePath: real).deletingLastPathComponent().path(percentEncoded: false)
            + "/.file-share.\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure }
        defer { close(descriptor) }
        do {
            try Self.write(bytes, to: descriptor, path)
            if let mode, fchmod(descriptor, mode) != 0 { throw failure }
            // Somebody may have made it since we looked: a link replaces nothing.
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

    /// Takes the name with an empty file, where nothing has it: file systems of memory cards know no links.
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
        CommandFailure("\(path) belongs to what is to be shared: write the torrent to another place")
    }

    private static func resolve(_ path: String, _ shown: String) throws -> String {
        guard let real = realpath(path.isEmpty ? "." : path, nil) else {
            throw CommandFailure("cannot write \(shown): \(String(cString: strerror(errno)))")
        }
        defer { free(real) }
        return String(cString: real)
    }

    private static func isInside(_ real: String, _ source: String) -> Bool {
        guard let folder = try? resolve(source, source) else { return false }
        // By bytes: a combining mark behind a slash makes another character of it.
        let inner = (folder == "/" ? "/" : folder + "/").utf8
        return real.utf8.elementsEqual(folder.utf8) || real.utf8.starts(with: inner)
    }

    /// The number in the name that the system has for an open descriptor.
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
