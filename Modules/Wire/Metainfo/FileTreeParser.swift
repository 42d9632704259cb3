// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// Parses the `file tree` of a v2 info dictionary (BEP 52).
///
/// Recursive, at most `WireLimits.metainfoPathDepth` deep.
struct FileTreeParser {
    private let limits: WireLimits
    private let work: ParsingWork
    private var files: [RawFile] = []
    private var folders: RawFolders

    private static let field = "info.file tree"

    private init(_ folders: RawFolders, limits: WireLimits, work: ParsingWork) {
        self.folders = folders
        self.limits = limits
        self.work = work
    }

    /// Returns the files of `tree` in order. Adds their folders to `folders`.
    static func parse(
        _ tree: BencodeView,
        into folders: inout RawFolders,
        limits: WireLimits,
        work: ParsingWork
    ) throws(MetainfoError) -> [RawFile] {
        var parser = FileTreeParser(folders, limits: limits, work: work)
        guard tree.kind == .dictionary, tree[""] == nil else {
            throw tree.mismatch(.wrongType, field, expected: "a directory")
        }
        try parser.parseDirectory(tree, as: RawFolders.root, depth: 0)
        folders = parser.folders
        return parser.files
    }

    private mutating func parseDirectory(
        _ directory: BencodeView,
        as folder: Int,
        depth: Int
    ) throws(MetainfoError) {
        for (name, entry) in directory.entries {
            try work.note(name.count + 1)
            guard depth < limits.metainfoPathDepth else {
                let expected = "at most \(limits.metainfoPathDepth) levels"
                throw entry.mismatch(.limit, Self.field, expected: expected)
            }
            guard entry.kind == .dictionary else {
                throw entry.mismatch(.wrongType, Self.field, expected: "a file or a directory")
            }
            if let file = entry[""] {
                var entries = entry.entries
                guard entries.next() != nil, entries.next() == nil else {
                    throw entry.mismatch(.badValue, Self.field, expected: "a file or a directory, not both")
                }
                try append(file, name: name, in: folder)
            } else {
                try parseDirectory(entry, as: folders.enter(name, in: folder), depth: depth + 1)
            }
        }
    }

    private mutating func append(
        _ view: BencodeView,
        name: ArraySlice<UInt8>,
        in folder: Int
    ) throws(MetainfoError) {
        guard files.count < limits.metainfoFileCount else {
            throw view.mismatch(.limit, Self.field, expected: "at most \(limits.metainfoFileCount) files")
        }
        let fields = try MetainfoFields(view, name: Self.field)
        var file = try RawFile(describedBy: fields, name: name, in: folder, limits: limits)
        // Padding is never part of a tree: what stands here has a root of its own, and is transferred.
        file.attributes.remove(.padding)
        if file.size > 0 { file.root = try parseRoot(fields) }
        files.append(file)
    }

    private func parseRoot(_ fields: MetainfoFields) throws(MetainfoError) -> SHA256Digest {
        guard let bytes = try fields.string("pieces root") else { throw fields.missing("pieces root") }
        // No data hashes to zero, so a zero root stands for a missing one.
        guard let root = SHA256Digest(bytes), root != SHA256Digest() else {
            throw fields.error(.badValue, "pieces root", fields.view, expected: "a hash of 32 bytes, not all zero")
        }
        return root
    }
}
