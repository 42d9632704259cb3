// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// Parses an info dictionary, v1, v2 or hybrid. Its exact bytes are kept for its hashes.
struct InfoParser {
    private let info: MetainfoFields
    private let limits: WireLimits
    private let work: ParsingWork
    private let isV2: Bool

    init(_ view: BencodeView, limits: WireLimits, work: ParsingWork) throws(MetainfoError) {
        info = try MetainfoFields(view, name: "info")
        self.limits = limits
        self.work = work
        isV2 = try Self.checkVersion(info)
    }

    func parse() throws(MetainfoError) -> TorrentInfo {
        if isV2 { try checkCanonicalForm() }
        let pieceLength = try parsePieceLength()
        var folders = RawFolders()
        let v1Files = try FileListParser(info: info, limits: limits, work: work).parse(into: &folders)
        let v2Files = try parseTree(into: &folders)
        let pieceHashes = try parsePieceHashes(isExpected: v1Files != nil || !isV2)
        let rawName = try parseName()
        let bytes = Array(info.view.rawBytes)
        let v1Hash = pieceHashes == nil ? nil : SHA1.hash(bytes)
        let v2Hash = isV2 ? SHA256.hash(bytes) : nil
        guard let hashes = InfoHashes(v1: v1Hash, v2: v2Hash) else { throw info.missing("pieces") }

        var files = try joined(v1Files, v2Files, pieceLength: pieceLength, name: rawName)
        let isSingleFile = files.count == 1 && isSingle(v1: v1Files, v2: v2Files)
        // A v2 file has its name in the tree. The torrent's name is only advisory, or that of a folder with one file.
        let treeName = isSingleFile ? files[0].name : nil
        let fileName = treeName ?? rawName
        let name = PathSanitiser.nonEmptyComponent(fileName) ?? v1Hash?.description ?? v2Hash?.description ?? "_"
        if isSingleFile { files[0].name = nil }

        let isV1 = pieceHashes != nil
        let paths = FilePaths(
            folders,
            name: name,
            rawName: fileName,
            folderName: treeName == nil ? nil : rawName,
            fileCount: files.count,
            limits: limits,
            work: work
        )
        let layout = try FilePlaces(files, paths, pieceLength: pieceLength, alignsFiles: !isV1)
        guard layout.totalSize > 0 else {
            throw info.view.mismatch(.badValue, "info", expected: "at least one byte in all files")
        }
        let size = layout.totalSize
        // Checked before the geometry, which records the padding of each piece, because a few bytes can announce
        // millions of pieces.
        try check(pieceHashes, count: (size - 1) / pieceLength + 1)
        let geometry = PieceGeometry(pieceLength: pieceLength, totalSize: size, entries: layout.entries)
        return TorrentInfo(
            bytes: bytes,
            hashes: hashes,
            name: name,
            isSingleFile: isSingleFile,
            geometry: geometry,
            files: layout.entries,
            pieceHashes: pieceHashes ?? PieceHashes(),
            // Private trackers have also used numbers other than 1.
            isPrivate: info.view["private"]?.integer.map { $0 != 0 } ?? false,
            metainfoPaths: layout.metainfoPaths
        )
    }
}

// MARK: Version and form

extension InfoParser {
    private static func checkVersion(_ info: MetainfoFields) throws(MetainfoError) -> Bool {
        guard let version = try info.integer("meta version") else {
            guard let tree = info.view["file tree"] else { return false }
            throw info.error(.unsupportedVersion, "file tree", tree, expected: "meta version 2 next to it")
        }
        guard version == 2 else {
            throw info.error(.unsupportedVersion, "meta version", info.view, expected: "2")
        }
        return true
    }

    /// Checks that the order of keys is canonical, because the v2 half is read key by key in the tree's order.
    private func checkCanonicalForm() throws(MetainfoError) {
        do throws(BencodeError) {
            let rules = BencodeRules(
                isCanonical: true,
                maxByteCount: limits.bencodeByteCount,
                maxDepth: limits.bencodeDepth,
                maxTokens: limits.bencodeTokens
            )
            _ = try BencodeDocument(Array(info.view.rawBytes), rules: rules)
        } catch {
            let offset = info.view.range.lowerBound + error.offset
            let found = error.found
            throw MetainfoError(.notBencode, field: "info", at: offset, expected: error.expected, found: found)
        }
    }
}

// MARK: Name and pieces

extension InfoParser {
    private func parseName() throws(MetainfoError) -> ArraySlice<UInt8> {
        if let name = try? info.string("name.utf-8"), name.isText { return name }
        guard let name = try info.string("name") else { throw info.missing("name") }
        return name
    }

    private func parsePieceLength() throws(MetainfoError) -> Int {
        let key: StaticString = "piece length"
        guard let length = try info.integer(key) else { throw info.missing(key) }
        let value = info.view[key] ?? info.view
        guard length > 0, length <= limits.metainfoPieceLength else {
            throw info.error(.badValue, key, value, expected: "a length of 1 to \(limits.metainfoPieceLength)")
        }
        guard !isV2 || (length >= Block.byteCount && length.nonzeroBitCount == 1) else {
            throw info.error(.badValue, key, value, expected: "a power of two of at least 16384")
        }
        return length
    }

    private func parsePieceHashes(isExpected: Bool) throws(MetainfoError) -> PieceHashes? {
        guard let bytes = try info.string("pieces") else {
            guard isExpected else { return nil }
            throw info.missing("pieces")
        }
        guard isExpected else { throw info.missing("files") }
        guard let hashes = PieceHashes(bytes: Array(bytes)) else {
            throw info.error(.badValue, "pieces", info.view["pieces"] ?? info.view, expected: "hashes of 20 bytes")
        }
        return hashes
    }

    private func check(_ hashes: PieceHashes?, count: Int) throws(MetainfoError) {
        guard let hashes, hashes.count != count else { return }
        throw info.error(.badValue, "pieces", info.view["pieces"] ?? info.view, expected: "\(count) hashes")
    }
}

// MARK: Files

extension InfoParser {
    private func parseTree(into folders: inout RawFolders) throws(MetainfoError) -> [RawFile]? {
        guard isV2 else { return nil }
        guard let tree = info.view["file tree"] else { throw info.missing("file tree") }
        return try FileTreeParser.parse(tree, into: &folders, limits: limits, work: work)
    }

    private func joined(
        _ v1: [RawFile]?,
        _ v2: [RawFile]?,
        pieceLength: Int,
        name: ArraySlice<UInt8>
    ) throws(MetainfoError) -> [RawFile] {
        switch (v1, v2) {
        case (let v1?, let v2?): try HybridFiles(pieceLength: pieceLength).join(v1, with: v2, name: name)
        case (let v1?, nil): v1
        case (nil, let v2?): v2
        case (nil, nil): throw info.missing("files")
        }
    }

    /// Whether the only file is not in a folder.
    private func isSingle(v1: [RawFile]?, v2: [RawFile]?) -> Bool {
        if let v1 { return v1.first?.name == nil }
        return v2?.first?.folder == RawFolders.root
    }
}
