// SPDX-License-Identifier: Apache-2.0

/// What went wrong between a torrent and its disk.
public struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; the set may grow.
    public struct Code: Hashable, Sendable {
        private enum Kind: Hashable {
            case diskFull, permission, missing, changed, notADirectory, io, limit, corrupt, inUse
        }
        private let kind: Kind
        /// No room on the disk, or a quota is used up.
        public static let diskFull = Code(kind: .diskFull)
        /// The system refuses access.
        public static let permission = Code(kind: .permission)
        /// A file or folder is not there.
        public static let missing = Code(kind: .missing)
        /// A file is not what it was: shorter, or another kind.
        public static let changed = Code(kind: .changed)
        /// A path leads through something that is no folder, a symbolic link perhaps.
        public static let notADirectory = Code(kind: .notADirectory)
        /// Any other error of the system.
        public static let io = Code(kind: .io)
        /// A named limit was reached.
        public static let limit = Code(kind: .limit)
        /// A file of our own does not read as one.
        public static let corrupt = Code(kind: .corrupt)
        /// Another process, or another part of this one, has it open.
        public static let inUse = Code(kind: .inUse)
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

    /// The operation, the path and the reason in one line.
    public var description: String { "cannot \(operation) \(path): \(reason)" }
}
