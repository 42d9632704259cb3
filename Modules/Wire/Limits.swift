// SPDX-License-Identifier: Apache-2.0

/// The limits on what this module accepts from peers, trackers and files.
public struct WireLimits: Sendable {
    /// The maximum size in bytes of a bencoded document, such as a .torrent file.
    public var bencodeByteCount = 64 << 20
    /// The maximum nesting depth of lists and dictionaries in a document.
    public var bencodeDepth = 100
    /// The maximum number of values in a document, keys included: sixteen for each file that a torrent may have.
    public var bencodeTokens = 16_000_000
    /// The maximum nesting depth of lists and dictionaries in a message from a peer, tracker or node.
    public var bencodeMessageDepth = 16
    /// The maximum number of values in such a message, keys included.
    public var bencodeMessageTokens = 65_536

    /// The maximum number of pieces of a torrent.
    public var metainfoPieceCount = 1 << 21
    /// The maximum piece length in bytes.
    public var metainfoPieceLength = 512 << 20
    /// The maximum number of files of a torrent, padding files included.
    public var metainfoFileCount = 1_000_000
    /// The maximum number of symbolic links of a torrent.
    public var metainfoSymlinkCount = 4_096
    /// The maximum number of components in a file's path below the torrent's name.
    public var metainfoPathDepth = 64
    /// The maximum number of components in the paths of all folders of a torrent together.
    public var metainfoFolderComponentCount = 4_000_000
    /// The maximum number of trackers, of web seeds, and of nodes, kept from a torrent.
    public var metainfoSourceCount = 1_024
    /// The maximum length in bytes of a tracker's or web seed's URL, of a comment, or of a host name.
    public var metainfoTextByteCount = 8_192

    /// The maximum length in bytes of a magnet link.
    public var magnetByteCount = 256 << 10
    /// The maximum number of ranges in a magnet link's file selection.
    public var magnetSelectionCount = 4_096

    /// The maximum number of ranges in a list of blocked addresses.
    public var blockListRangeCount = 2_000_000
    /// The maximum length in bytes of a line in such a list; longer ones count as malformed.
    public var blockListLineByteCount = 4_096

    /// The limits used where a caller passes none.
    public static let standard = WireLimits()

    /// Creates limits with the values above.
    public init() {}
}
