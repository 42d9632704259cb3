// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// Reads the `file tree` of a v2 info dictionary (BEP 52).
///
/// Recursive, no deeper than `WireLimits.metainfoPathDepth`.
struct FileTreeParser {
    private let limits: WireLimits
    private var files: [RawFile] = []

    private static let field = "info.file tree"

    init(limits: WireLimits) { self.limits = limits }

    /// The files of `tree` in its order.
    static func parse(_ tree: BencodeView, limits: WireLimits) throws(MetainfoError) -> [RawFile] {
        var parser = FileTreeParser(limits: limits)
        guard tree.kind == .dictionary, tree[""] == nil else {
            throw tree.mismatch(.wrongType, field, expected: "a directory")
        }
        try parser.parseDirectory(tree, path: [])
        return parser.files
    }

    private mutating func parseDirectory(_ directory: BencodeView, path: [ArraySlice<UInt8>]) throws(MetainfoError) {
        for (name, entry) in directory.entries {
            guard path.count < limits.metainfoPathDepth else {
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
                try append(file, path: path + [name])
            } else {
                try parseDirectory(entry, path: path + [name])
            }
        }
    }

    private mutating func append(_ view: BencodeView, path: [ArraySlice<UInt8>]) throws(MetainfoError) {
        guard files.count < limits.metainfoFileCount else {
            throw view.mismatch(.limit, Self.field, expected: "at most \(limits.metainfoFileCount) files")
        }
        let fields = try MetainfoFields(view, name: Self.field)
        var file = try RawFile(describedBy: fields, path: path, limits: limits)
        if file.size > 0 { file.root = try parseRoot(fields) }
        files.append(file)
    }

    private func parseRoot(_ fields: MetainfoFields) throws(MetainfoError) -> SHA256Digest {
        guard let bytes = try fields.string("pieces root") else { throw fields.missing("pieces root") }
        // Nothing hashes to zero: a root like that stands for a missing one.
        guard let root = SHA256Digest(bytes), root != SHA256Digest() else {
            throw fields.error(.badValue, "pieces root", fields.view, expected: "a hash of 32 bytes, not all zero")
        }
        return root
    }
}
