// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A failed operation on a torrent's storage.
public struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error. The set is open: switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The disk is full, or a quota is used up.
        public static let diskFull = Self(description: "disk full")
        /// The system refuses access.
        public static let permission = Self(description: "access refused")
        /// The file system is read-only.
        public static let readOnlyDisk = Self(description: "read-only disk")
        /// A file or folder does not exist.
        public static let missing = Self(description: "missing")
        /// A file is no longer what it was: it is shorter, or of another kind.
        public static let changed = Self(description: "changed")
        /// A component of the path is not a folder, but for example a symbolic link.
        public static let notADirectory = Self(description: "not a folder")
        /// A name is too long for the file system.
        public static let nameTooLong = Self(description: "name too long")
        /// A file is too long for the file system.
        public static let fileTooLong = Self(description: "file too long")
        /// The disk is not available: unplugged, unmounted, or on a server that does not answer.
        public static let diskGone = Self(description: "disk gone")
        /// The process or the system has too many open files; temporary.
        public static let tooManyOpenFiles = Self(description: "too many open files")
        /// Too much disk work is waiting; temporary.
        public static let busy = Self(description: "busy")
        /// Any other system error.
        public static let io = Self(description: "input/output error")
        /// A named limit was reached.
        public static let limit = Self(description: "limit reached")
        /// One of our own files cannot be parsed.
        public static let corrupt = Self(description: "damaged")
        /// Another process, or another part of this one, has it open.
        public static let inUse = Self(description: "in use")
        /// Something that does not belong to the torrent is in a file's place. It was left unchanged.
        public static let occupied = Self(description: "in the way")
        /// What was written of a file is gone: the file was removed, renamed or truncated. It can be written again.
        public static let lost = Self(description: "lost")
    }

    /// The kind of error.
    public let code: Code
    /// The failed operation, such as "write".
    public let operation: String
    /// The path concerned, for the user.
    public let path: String
    /// The system's error number, if there was one.
    public let errno: Int32?
    /// The reason, in the system's words or ours.
    public let reason: String
    /// Whether a store that may overwrite files (`FileStoreOptions.overwritesFiles`) would replace what is in the way.
    public let canBeOverwritten: Bool

    /// `operation` is a verb such as "write"; it follows "cannot" in messages.
    public init(
        _ code: Code,
        operation: String,
        path: String,
        errno: Int32? = nil,
        reason: String,
        canBeOverwritten: Bool = false
    ) {
        self.code = code
        self.operation = operation
        self.path = path
        self.errno = errno
        self.reason = reason
        self.canBeOverwritten = canBeOverwritten
    }

    /// The operation, the path and the reason in one line, for logs.
    public var description: String { "cannot \(operation) \(path.escapedForDisplay): \(reason)" }
}

extension StorageError.Code {
    /// Whether the error is temporary and independent of the disk.
    package var passes: Bool { self == .tooManyOpenFiles || self == .busy }
}
