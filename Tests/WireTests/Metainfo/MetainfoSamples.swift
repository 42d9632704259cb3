// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire

/// Handmade torrents, to be modified.
enum MetainfoSamples {
    static let pieceLength = 32_768

    static func file(_ path: String..., length: BencodeValue = 5, extra: [String: BencodeValue] = [:]) -> BencodeValue {
        file(components: path, length: length, extra: extra)
    }

    static func file(
        components path: [String],
        length: BencodeValue = 5,
        extra: [String: BencodeValue] = [:]
    ) -> BencodeValue {
        var entries: [String: BencodeValue] = ["length": length, "path": .list(path.map(BencodeValue.text))]
        entries.merge(extra) { _, new in new }
        return dictionary(entries)
    }

    static func link(_ path: String..., to target: String...) -> BencodeValue {
        link(components: path, to: target)
    }

    static func link(components path: [String], to target: [String]) -> BencodeValue {
        dictionary([
            "attr": "l", "length": 0, "path": .list(path.map(BencodeValue.text)),
            "symlink path": .list(target.map(BencodeValue.text)),
        ])
    }

    /// Returns a v1 info dictionary of `files`, for `pieceCount` pieces.
    static func v1(files: [BencodeValue], pieceCount: Int = 1, changing: [String: BencodeValue] = [:]) -> BencodeValue {
        dictionary(
            [
                "files": .list(files), "name": "sample", "piece length": .integer(Int64(pieceLength)),
                "pieces": .string(Array(repeating: 7, count: 20 * pieceCount)),
            ].merging(changing) { _, new in new }
        )
    }

    /// Returns a v2 info dictionary of `tree`.
    static func v2(tree: BencodeValue, changing: [String: BencodeValue] = [:]) -> BencodeValue {
        dictionary(
            [
                "file tree": tree, "meta version": 2, "name": "sample", "piece length": .integer(Int64(pieceLength)),
            ].merging(changing) { _, new in new }
        )
    }

    static func treeFile(length: Int64, root: UInt8 = 9) -> BencodeValue {
        guard length > 0 else { return ["": ["length": 0]] }
        return ["": ["length": .integer(length), "pieces root": .string(Array(repeating: root, count: 32))]]
    }

    static func dictionary(_ entries: [String: BencodeValue]) -> BencodeValue {
        .dictionary(Dictionary(uniqueKeysWithValues: entries.map { (Array($0.key.utf8), $0.value) }))
    }

    static func parse(_ info: BencodeValue) throws(MetainfoError) -> TorrentInfo {
        try MetainfoParser.parseInfo(info.encoded)
    }
}

extension TorrentInfo {
    /// Paths with slashes, without padding.
    var pathTexts: [String] { files.filter { !$0.isPadding }.map { $0.path.joined(separator: "/") } }
}
