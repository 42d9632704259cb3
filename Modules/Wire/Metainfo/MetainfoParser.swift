// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// Reads .torrent files (BEP 3, 5, 12, 19, 27, 47, 52) and the info dictionaries that peers send (BEP 9).
///
/// Whatever the bytes say, the outcome has paths that stay below the download folder, sizes that add up and no more of
/// anything than `WireLimits` allows.
public enum MetainfoParser {
    /// A .torrent file. What is wrong outside of its info dictionary and piece layers is left out.
    ///
    /// Takes time in proportion to the bytes.
    ///
    /// - Throws: `MetainfoError` for an unusable info dictionary or wrong piece layers, or once the task is cancelled.
    public static func parse(_ bytes: [UInt8], limits: WireLimits = .standard) throws(MetainfoError) -> Metainfo {
        try parse(bytes, limits: limits, work: ParsingWork())
    }

    /// A .torrent file, its parsing counted by `work`.
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

    /// An info dictionary alone, which the caller has checked against its info-hash or is about to.
    ///
    /// Takes time in proportion to the bytes.
    ///
    /// - Throws: `MetainfoError` for an unusable info dictionary, or once the task is cancelled.
    public static func parseInfo(_ bytes: [UInt8], limits: WireLimits = .standard) throws(MetainfoError) -> TorrentInfo
    {
        try parseInfo(bytes, limits: limits, work: ParsingWork())
    }

    /// An info dictionary alone, its parsing counted by `work`.
    package static func parseInfo(
        _ bytes: [UInt8],
        limits: WireLimits = .standard,
        work: ParsingWork
    ) throws(MetainfoError) -> TorrentInfo {
        try InfoParser(try decode(bytes, limits: limits).root, limits: limits, work: work).parse()
    }

    private static func decode(_ bytes: [UInt8], limits: WireLimits) throws(MetainfoError) -> BencodeDocument {
        // Files in the wild end in a line feed, or in worse.
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
