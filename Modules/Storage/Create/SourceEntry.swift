// SPDX-License-Identifier: Apache-2.0

/// A file or symbolic link to be described by a torrent.
struct SourceEntry: Sendable {
    enum Content: Sendable {
        case file(FileStatus)
        /// The link's text.
        case link(String)
    }

    /// Components below the source; empty where the source is this one file.
    let path: [String]
    let content: Content
    /// Components of a link's target below the source, once they are known.
    var target: [String]?

    init(path: [String], content: Content) {
        self.path = path
        self.content = content
    }

    /// Bytes; 0 for a link.
    var size: Int {
        if case .file(let status) = content { status.size } else { 0 }
    }

    /// Whether its owner may run it.
    var isExecutable: Bool {
        if case .file(let status) = content { status.permissions & 0o100 != 0 } else { false }
    }
}

/// Something in the folder that the torrent does not hold.
public struct SkippedEntry: Hashable, Sendable {
    /// Why not.
    public enum Reason: Hashable, Sendable {
        /// A torrent has no folders but those of its files.
        case emptyFolder
        /// Neither file, folder nor link: a pipe, a socket, a device.
        case specialFile
        /// A symbolic link that leads out of the folder, or nowhere, or in a circle.
        case strayLink
        /// This user may not read it.
        case unreadable
        /// Its name is not UTF-8, as names in a torrent have to be.
        case invalidName
    }

    /// Components below the source.
    public let path: [String]
    /// Why.
    public let reason: Reason
}
