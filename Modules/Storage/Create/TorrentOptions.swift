// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// The properties of a new torrent.
public struct TorrentOptions: Sendable {
    /// The kinds of hashes in the torrent.
    public var format = TorrentFormat.hybrid
    /// Bytes in a piece; nil chooses by the total size. Must be a power of two of at least 16 KiB, except for v1 only.
    public var pieceLength: Int?
    /// The torrent's name; nil for the name of the file or folder.
    public var name: String?
    /// Whether peers may come from trackers only (BEP 27).
    public var isPrivate = false
    /// Announce URLs by tier, best first (BEP 12).
    public var trackers: [[String]] = []
    /// HTTP(S) web seeds (BEP 19).
    public var webSeeds: [String] = []
    /// A free-form comment.
    public var comment: String?
    /// The program that creates the torrent; nil for this library.
    public var createdBy: String?
    /// The creation time in seconds since 1970; nil to leave it out.
    public var creationDateSeconds: Int64?
    /// What to do about entries that a torrent cannot hold.
    public var unsupportedEntries = UnsupportedEntries.refuse
    /// Shell patterns of entries to leave out. A pattern without a slash matches a name at any depth; one with a slash
    /// matches a path below the source. `*` and `?` never match a slash. A folder is left out with everything in it.
    public var exclusions: [String] = []
    /// Whether symbolic links are replaced by what they point to, wherever that is. Otherwise the torrent records them
    /// as links.
    public var followsLinks = false
    /// Threads that read and hash at once; nil for the number of processors.
    public var threadCount: Int?

    /// What to do about pipes, devices, unreadable entries, names that are not UTF-8, and links that lead out of the
    /// folder or nowhere.
    public enum UnsupportedEntries: Hashable, Sendable {
        /// Fail without creating a torrent.
        case refuse
        /// Leave them out and report them.
        case skip
    }

    /// Options for a public hybrid torrent without trackers.
    public init() {}
}
