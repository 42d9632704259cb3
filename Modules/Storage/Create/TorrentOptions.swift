// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// What a new torrent is to be like.
public struct TorrentOptions: Sendable {
    /// Which hashes it has.
    public var format = MetainfoBuilder.Format.hybrid
    /// Bytes in a piece; nil chooses by the total size. A power of two of at least 16 KiB, unless for v1 alone.
    public var pieceLength: Int?
    /// The torrent's name; nil takes that of the file or folder.
    public var name: String?
    /// Peers from trackers only (BEP 27).
    public var isPrivate = false
    /// Announce URLs by tier, best first (BEP 12).
    public var trackers: [[String]] = []
    /// HTTP(S) seeds (BEP 19).
    public var webSeeds: [String] = []
    /// Free text.
    public var comment: String?
    /// The program that makes the torrent; nil for this library.
    public var createdBy: String?
    /// Seconds since 1970; nil leaves it out.
    public var creationDateSeconds: Int64?
    /// What to do about entries that a torrent cannot hold.
    public var unsupportedEntries = UnsupportedEntries.refuse
    /// Shell patterns of what to leave out: of a name wherever it stands, or with a slash in it of a path below the source.
    /// `*` and `?` never stand for a slash. A folder is left out with all that is in it.
    public var exclusions: [String] = []
    /// Whether symbolic links are replaced by what they lead to, wherever that is. Otherwise they are written down as links.
    public var followsLinks = false
    /// Threads that read and hash at once; nil for as many as there are processors.
    public var threadCount: Int?

    /// What to do about pipes, devices, what cannot be read, names that are not UTF-8, and links that lead out of the folder
    /// or nowhere.
    public enum UnsupportedEntries: Hashable, Sendable {
        /// Make no torrent.
        case refuse
        /// Leave them out, and say so.
        case skip
    }

    /// A public hybrid without trackers.
    public init() {}
}
