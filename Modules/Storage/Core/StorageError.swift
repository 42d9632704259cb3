// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What went wrong between a torrent and its disk.
public struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// No room on the disk, or a quota is used up.
        public static let diskFull = Self(description: "disk full")
        /// The system refuses access.
        public static let permission = Self(description: "access refused")
        /// The disk, or the part of it that holds the file, may only be read.
        public static let readOnlyDisk = Self(description: "read-only disk")
        /// A file or folder is not there.
        public static let missing = Self(description: "missing")
        /// A file is not what it was: shorter, or another kind.
        public static let changed = Self(description: "changed")
        /// A path leads through something that is no folder, a symbolic link perhaps.
        public static let notADirectory = Self(description: "no folder")
        /// A name is longer than the disk can keep.
        public static let nameTooLong = Self(description: "name too long")
        /// A file is longer than the disk can keep.
        public static let fileTooLong = Self(description: "file too long")
        /// The disk is not there at the moment: taken out, not mounted, or a server that does not answer.
        public static let diskGone = Self(description: "disk gone")
        /// The program has too many files open, or the system has; it passes.
        public static let tooManyOpenFiles = Self(description: "too many open files")
        /// Too much disk work waits already; it passes.
        public static let busy = Self(description: "busy")
        /// Any other error of the system.
        public static let io = Self(description: "input/output error")
        /// A named limit was reached.
        public static let limit = Self(description: "limit reached")
        /// A file of our own does not read as one.
        public static let corrupt = Self(description: "damaged")
        /// Another process, or another part of this one, has it open.
        public static let inUse = Self(description: "in use")
        /// Something that is not the torrent's is in a file's place. It was left as it is.
        public static let occupied = Self(description: "in the way")
        /// What had been written of a file is gone: it was removed, renamed or cut. It can be written anew.
        public static let lost = Self(description: "lost")
    }

    /// The kind.
    public let code: Code
    /// What was being done, such as "write".
    public let operation: String
    /// The path concerned, for the user.
    public let path: String
    /// The system's error number, where there was one.
    public let errno: Int32?
    /// The system's words, or ours.
    public let reason: String

    /// An error from its parts.
    public init(_ code: Code, operation: String, path: String, errno: Int32? = nil, reason: String) {
        self.code = code
        self.operation = operation
        self.path = path
        self.errno = errno
        self.reason = reason
    }

    /// The operation, the path and the reason in one line, for a log.
    public var description: String { "cannot \(operation) \(path.escapedForDisplay): \(reason)" }
}

extension StorageError.Code {
    /// It says nothing of the disk, and is over soon.
    package var passes: Bool { self == .tooManyOpenFiles || self == .busy }
}
