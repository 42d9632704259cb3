// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// One file of a torrent, or the padding after a file.
public struct FileEntry: Hashable, Sendable {
    /// The folders that contain it, below the download folder, starting with the torrent's name; empty for the only
    /// file. Files of one folder share this array.
    public var folder: [String]
    /// The file name.
    public var name: String
    /// The size in bytes.
    public var size: Int
    /// The offset in the piece space, in bytes.
    public var offset: Int
    /// The root of the file's hash tree (BEP 52); nil for v1 only, for empty files and for padding.
    public var root: SHA256Digest?
    /// Whether it is padding: zeros that align the next file (BEP 47), never stored and never requested.
    public var isPadding: Bool
    /// Whether the file should be executable (BEP 47).
    public var isExecutable: Bool
    /// Whether the file should be hidden, on systems that support it (BEP 47).
    public var isHidden: Bool
    /// The target of a symbolic link, in the form of `path` (BEP 47); nil for a regular file.
    public var symlinkTarget: [String]?

    /// Creates a regular file; set other properties afterwards.
    package init(path: [String], size: Int, offset: Int, root: SHA256Digest? = nil, isPadding: Bool = false) {
        self.init(folder: Array(path.dropLast()), name: path.last ?? "", size: size, offset: offset, root: root)
        self.isPadding = isPadding
    }

    /// Creates a regular file `name` in `folder`; set other properties afterwards.
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

    /// Path components below the download folder, starting with the torrent's name: safe, unique, and without deceptive
    /// characters. A file system that cannot store a name gets another one.
    public var path: [String] { folder + [name] }

    /// The file's range in the piece space.
    public var range: Range<Int> { offset..<offset + size }
}
