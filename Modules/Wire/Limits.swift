// SPDX-License-Identifier: Apache-2.0

/// Named limits on what strangers' bytes may make this module do.
public struct WireLimits: Sendable {
    /// Bytes of one bencoded document, a .torrent file included.
    public var bencodeByteCount = 64 << 20
    /// Lists and dictionaries inside one another.
    public var bencodeDepth = 100
    /// Values in one bencoded document, keys included.
    public var bencodeTokens = 4_000_000
    /// Lists and dictionaries inside one another in a message between peers, trackers or nodes.
    public var bencodeMessageDepth = 16
    /// Values in one bencoded message, keys included.
    public var bencodeMessageTokens = 65_536

    /// Pieces of one torrent.
    public var metainfoPieceCount = 1 << 21
    /// Bytes in a piece.
    public var metainfoPieceLength = 512 << 20
    /// Files of one torrent, padding included.
    public var metainfoFileCount = 1_000_000
    /// Symbolic links of one torrent.
    public var metainfoSymlinkCount = 4_096
    /// Components of a file's path below the torrent's name.
    public var metainfoPathDepth = 64
    /// Trackers, web seeds and nodes kept, of each.
    public var metainfoSourceCount = 1_024
    /// Bytes of a tracker's or web seed's URL, of a comment, or of a host's name.
    public var metainfoTextByteCount = 8_192

    /// Bytes of a magnet link.
    public var magnetByteCount = 256 << 10
    /// Ranges of files in a magnet link's selection.
    public var magnetSelectionCount = 4_096

    /// The limits in force unless somebody says otherwise.
    public static let standard = WireLimits()

    /// The defaults.
    public init() {}
}
