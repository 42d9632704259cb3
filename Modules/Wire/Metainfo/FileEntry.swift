// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// One file of a torrent, or the padding after one.
public struct FileEntry: Hashable, Sendable {
    /// The folders above it below the download folder, the torrent's name first; empty for the only file. Files of one
    /// folder share this array.
    public var folder: [String]
    /// Its name.
    public var name: String
    /// Bytes.
    public var size: Int
    /// Where the file begins in the piece space; bytes.
    public var offset: Int
    /// Root of the file's tree (BEP 52); nil for v1 only, for empty files and for padding.
    public var root: SHA256Digest?
    /// Zeros that align the next file (BEP 47): never stored, never requested.
    public var isPadding: Bool
    /// To be made executable (BEP 47).
    public var isExecutable: Bool
    /// To be hidden where the system has such files (BEP 47).
    public var isHidden: Bool
    /// Where a symbolic link points, in the form of `path` (BEP 47); nil for a plain file.
    public var symlinkTarget: [String]?

    /// A plain file; the rest may be set after.
    public init(path: [String], size: Int, offset: Int, root: SHA256Digest? = nil, isPadding: Bool = false) {
        self.init(folder: Array(path.dropLast()), name: path.last ?? "", size: size, offset: offset, root: root)
        self.isPadding = isPadding
    }

    /// A plain file `name` in `folder`; the rest may be set after.
    init(folder: [String], name: String, size: Int, offset: Int, root: SHA256Digest?) {
        self.folder = folder
        self.name = name
        self.size = size
        self.offset = offset
        self.root = root
        isPadding = false
        isExecutable = false
        isHidden = false
        symlinkTarget = nil
    }

    /// Components below the download folder, the torrent's name first: safe, each file's its own, and without what deceives
    /// the eye. A file system that cannot hold a name gets another; `TorrentInfo.metainfoPath(of:)` has the name as it stands.
    public var path: [String] { folder + [name] }

    /// Its bytes in the piece space.
    public var range: Range<Int> { offset..<offset + size }
}
