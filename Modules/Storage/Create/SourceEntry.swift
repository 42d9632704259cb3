// SPDX-License-Identifier: Apache-2.0

/// A file or symbolic link that a torrent will describe.
struct SourceEntry: Sendable {
    enum Content: Sendable {
        case file(FileStatus)
        /// The link's target, as its text.
        case link(String)
    }

    /// Path components below the source; empty if the source is this one file.
    let path: [String]
    let content: Content
    /// The components of a link's resolved target below the source, once known.
    var target: [String]?

    init(path: [String], content: Content) {
        self.path = path
        self.content = content
    }

    /// The size in bytes; 0 for a link.
    var size: Int {
        if case .file(let status) = content { status.size } else { 0 }
    }

    /// The file's identity; nil for a link.
    var identity: FileIdentity? {
        if case .file(let status) = content { status.identity } else { nil }
    }

    /// Whether its owner may execute it.
    var isExecutable: Bool {
        if case .file(let status) = content { status.permissions & 0o100 != 0 } else { false }
    }
}

/// Something in the folder that the torrent leaves out.
public struct SkippedEntry: Hashable, Sendable {
    /// Why an entry was left out.
    public enum Reason: Hashable, Sendable {
        /// The folder is empty. Torrents only have folders that hold files.
        case emptyFolder
        /// The entry is not a file, folder or link, but a pipe, a socket or a device.
        case specialFile
        /// The symbolic link leads out of the folder, nowhere, or in a circle.
        case strayLink
        /// The user may not read the entry.
        case unreadable
        /// The name is not UTF-8, which names in a torrent must be.
        case invalidName
    }

    /// Path components below the source.
    public let path: [String]
    /// Why the entry was left out.
    public let reason: Reason
}
