// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// A file as an info dictionary describes it, before its path is sanitised and its offset is known.
struct RawFile {
    /// The number of its folder in `RawFolders`.
    var folder = RawFolders.root
    /// The last component of its original path; nil for the file of a single-file torrent.
    var name: ArraySlice<UInt8>?
    /// The size in bytes; 0 for a symbolic link.
    var size: Int
    var attributes: FileAttributes
    /// The original components of a symbolic link's target.
    var symlinkTarget: [ArraySlice<UInt8>]?
    var root: SHA256Digest?
    /// The file's description, for errors.
    var view: BencodeView
}

/// The letters of `attr` (BEP 47).
struct FileAttributes: OptionSet, Hashable {
    let rawValue: UInt8

    static let padding = FileAttributes(rawValue: 1)
    static let executable = FileAttributes(rawValue: 2)
    static let hidden = FileAttributes(rawValue: 4)
    static let symlink = FileAttributes(rawValue: 8)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Unknown letters are ignored.
    init(letters: some Sequence<UInt8>) {
        self = []
        for letter in letters {
            switch letter {
            case UInt8(ascii: "p"): insert(.padding)
            case UInt8(ascii: "x"): insert(.executable)
            case UInt8(ascii: "h"): insert(.hidden)
            case UInt8(ascii: "l"): insert(.symlink)
            default: break
            }
        }
    }
}

extension RawFile {
    /// Parses what v1 and v2 descriptions of a file share: attributes, length and symbolic link.
    ///
    /// A link has no bytes, whatever its length says. A link without a target counts as an empty file. Attributes of a
    /// wrong type count as none.
    init(
        describedBy fields: MetainfoFields,
        name: ArraySlice<UInt8>?,
        in folder: Int = RawFolders.root,
        limits: WireLimits
    ) throws(MetainfoError) {
        self.name = name
        self.folder = folder
        view = fields.view
        attributes = FileAttributes(letters: (try? fields.string("attr")) ?? [])
        if attributes.contains(.symlink) {
            symlinkTarget = try fields.strings("symlink path", limit: limits.metainfoPathDepth)
            size = 0
        } else {
            guard let length = try fields.byteCount("length") else { throw fields.missing("length") }
            size = length
        }
    }
}
