// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// One record of a session's catalogue, encoded as docs/RESUME.md describes.
enum CatalogueRecord {
    /// The torrent is in the session and has this state.
    case put(CatalogueEntry)
    /// The torrent has left the session.
    case removed(InfoHashes)

    fileprivate enum Kind: UInt8 {
        case put = 1
        case removed
    }

    var bytes: [UInt8] {
        var out = ByteWriter()
        switch self {
        case .put(let entry):
            out.put(Kind.put.rawValue)
            out.put(entry.hashes)
            out.put(entry.flags.rawValue)
            out.put(UInt64(clamping: entry.totalBytes))
            out.put(UInt32(clamping: entry.pieceCount))
            out.put(text: entry.name)
            out.put(optional: entry.folder)
            out.put(optional: entry.magnet)
            out.put(UInt32(clamping: entry.trackers.count))
            for tier in entry.trackers { out.put(texts: tier) }
            out.put(UInt32(clamping: entry.filePriorities.count))
            for (file, priority) in entry.filePriorities.sorted(by: { $0.key < $1.key }) {
                out.put(UInt32(clamping: file))
                out.put(priority)
            }
            out.put(texts: entry.onlyPaths)
            // Left out when empty, because few torrents need it.
            if !entry.untoldCompletion.isEmpty { out.put(texts: entry.untoldCompletion) }
        case .removed(let hashes):
            out.put(Kind.removed.rawValue)
            out.put(hashes)
        }
        return out.bytes
    }
}

extension ByteWriter {
    fileprivate mutating func put(_ hashes: InfoHashes) {
        put(UInt8((hashes.v1 == nil ? 0 : 1) | (hashes.v2 == nil ? 0 : 2)))
        if let v1 = hashes.v1 { put(v1.bytes) }
        if let v2 = hashes.v2 { put(v2.bytes) }
    }

    fileprivate mutating func put(text: String) {
        put(UInt32(clamping: text.utf8.count))
        put(text.utf8)
    }

    fileprivate mutating func put(texts: [String]) {
        put(UInt32(clamping: texts.count))
        for text in texts { put(text: text) }
    }

    fileprivate mutating func put(optional text: String?) { put(texts: text.map { [$0] } ?? []) }
}

/// Reads records. Folders and trackers that torrents share are stored once for all of them.
struct CatalogueRecordReader {
    private var folders: [ExactText: String] = [:]
    private var trackers: [[ExactPath]: [[String]]] = [:]

    /// Returns nil if `bytes` are not a record.
    mutating func read(_ bytes: ArraySlice<UInt8>) -> CatalogueRecord? {
        var input = ByteReader(bytes)
        guard let kind = input.next(UInt8.self).flatMap(CatalogueRecord.Kind.init(rawValue:)),
            let hashes = input.nextHashes()
        else { return nil }
        switch kind {
        case .removed: return input.isAtEnd ? .removed(hashes) : nil
        case .put: return readEntry(of: hashes, &input).map { .put($0) }
        }
    }

    private mutating func readEntry(of hashes: InfoHashes, _ input: inout ByteReader) -> CatalogueEntry? {
        guard let flags = input.next(UInt16.self), let total = input.next(UInt64.self).flatMap({ Int(exactly: $0) }),
            let pieceCount = input.next(UInt32.self), let name = input.nextText(), let folder = input.nextTexts(),
            let magnet = input.nextTexts(), let tierCount = input.next(UInt32.self)
        else { return nil }
        var tiers: [[String]] = []
        for _ in 0..<tierCount {
            guard let tier = input.nextTexts() else { return nil }
            tiers.append(tier)
        }
        guard let priorityCount = input.next(UInt32.self) else { return nil }
        var priorities: [Int: UInt8] = [:]
        for _ in 0..<priorityCount {
            guard let file = input.next(UInt32.self), let priority = input.next(UInt8.self) else { return nil }
            priorities[Int(file)] = priority
        }
        guard let onlyPaths = input.nextTexts() else { return nil }
        var untoldCompletion: [String] = []
        if !input.isAtEnd {
            guard let texts = input.nextTexts(), input.isAtEnd else { return nil }
            untoldCompletion = texts
        }
        var entry = CatalogueEntry(hashes: hashes, name: name, flags: .init(rawValue: flags))
        entry.folder = folder.first.map { shared($0) }
        entry.magnet = magnet.first
        entry.totalBytes = total
        entry.pieceCount = Int(pieceCount)
        entry.trackers = shared(tiers)
        entry.filePriorities = priorities
        entry.onlyPaths = onlyPaths
        entry.untoldCompletion = untoldCompletion
        return entry
    }

    private mutating func shared(_ folder: String) -> String {
        if let known = folders[ExactText(folder)] { return known }
        folders[ExactText(folder)] = folder
        return folder
    }

    private mutating func shared(_ tiers: [[String]]) -> [[String]] {
        let key = tiers.map { ExactPath($0) }
        if let known = trackers[key] { return known }
        trackers[key] = tiers
        return tiers
    }
}

extension ByteReader {
    fileprivate mutating func nextHashes() -> InfoHashes? {
        guard let kinds = next(UInt8.self) else { return nil }
        var v1: SHA1Digest?
        var v2: SHA256Digest?
        if kinds & 1 != 0 {
            guard let digest = next(count: SHA1Digest.byteCount).flatMap({ SHA1Digest($0) }) else { return nil }
            v1 = digest
        }
        if kinds & 2 != 0 {
            guard let digest = next(count: SHA256Digest.byteCount).flatMap({ SHA256Digest($0) }) else { return nil }
            v2 = digest
        }
        return InfoHashes(v1: v1, v2: v2)
    }

    fileprivate mutating func nextText() -> String? {
        guard let count = next(UInt32.self), let bytes = next(count: Int(count)) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    fileprivate mutating func nextTexts() -> [String]? {
        guard let count = next(UInt32.self) else { return nil }
        var texts: [String] = []
        for _ in 0..<count {
            guard let text = nextText() else { return nil }
            texts.append(text)
        }
        return texts
    }
}
