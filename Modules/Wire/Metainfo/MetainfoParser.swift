// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// Parses .torrent files (BEP 3, 5, 12, 19, 27, 47, 52) and the info dictionaries that peers send (BEP 9).
///
/// Whatever the input, the result has paths that stay below the download folder, consistent sizes, and nothing in
/// excess of `WireLimits`.
public enum MetainfoParser {
    /// Parses a .torrent file. Errors outside its info dictionary and piece layers are ignored.
    ///
    /// Takes time in proportion to the number of bytes.
    ///
    /// - Throws: `MetainfoError` for an unusable info dictionary or wrong piece layers, or once the task is cancelled.
    public static func parse(_ bytes: [UInt8], limits: WireLimits = .standard) throws(MetainfoError) -> Metainfo {
        try parse(bytes, limits: limits, work: ParsingWork())
    }

    /// Parses a .torrent file and counts the work in `work`.
    package static func parse(
        _ bytes: [UInt8],
        limits: WireLimits = .standard,
        work: ParsingWork
    ) throws(MetainfoError) -> Metainfo {
        let root = try decode(bytes, limits: limits).root
        guard root.kind == .dictionary else {
            throw root.mismatch(.wrongType, "torrent", expected: "a dictionary")
        }
        guard let infoView = root["info"] else {
            throw MetainfoError(.missing, field: "info", at: 0, expected: "this key", found: "none")
        }
        let info = try InfoParser(infoView, limits: limits, work: work).parse()
        let layers = try PieceLayersParser(info: info).parse(root["piece layers"])
        let sources = SourcesParser(root: root, limits: limits)
        return Metainfo(
            info: info,
            trackers: sources.parseTrackers(),
            webSeeds: sources.parseWebSeeds(isMultiFile: info.files.count > 1),
            nodes: sources.parseNodes(),
            pieceLayers: layers,
            comment: sources.parseText("comment.utf-8") ?? sources.parseText("comment"),
            createdBy: sources.parseText("created by"),
            creationDateSeconds: root["creation date"]?.integer
        )
    }

    /// Parses an info dictionary. The caller checks it against its info-hash, before or after.
    ///
    /// Takes time in proportion to the number of bytes.
    ///
    /// - Throws: `MetainfoError` for an unusable info dictionary, or once the task is cancelled.
    public static func parseInfo(_ bytes: [UInt8], limits: WireLimits = .standard) throws(MetainfoError) -> TorrentInfo
    {
        try parseInfo(bytes, limits: limits, work: ParsingWork())
    }

    /// Parses an info dictionary and counts the work in `work`.
    package static func parseInfo(
        _ bytes: [UInt8],
        limits: WireLimits = .standard,
        work: ParsingWork
    ) throws(MetainfoError) -> TorrentInfo {
        try InfoParser(try decode(bytes, limits: limits).root, limits: limits, work: work).parse()
    }

    private static func decode(_ bytes: [UInt8], limits: WireLimits) throws(MetainfoError) -> BencodeDocument {
        // Some existing files end in a line feed or other bytes.
        let rules = BencodeRules(
            isCanonical: false,
            allowsTrailingBytes: true,
            maxByteCount: limits.bencodeByteCount,
            maxDepth: limits.bencodeDepth,
            maxTokens: limits.bencodeTokens
        )
        do throws(BencodeError) {
            return try BencodeDocument(bytes, rules: rules)
        } catch {
            throw MetainfoError(error)
        }
    }
}
