// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

extension MagnetLink {
    /// Parses `text`. Unknown and malformed hints are ignored.
    ///
    /// - Throws: `MagnetError` unless the text names one torrent.
    public init(parsing text: some StringProtocol, limits: WireLimits = .standard) throws(MagnetError) {
        self = try MagnetParser(limits: limits).parse(Array(text.utf8))
    }
}

/// Collects a magnet link's parameters one by one.
private struct MagnetParser {
    private let limits: WireLimits
    private var v1: SHA1Digest?
    private var v2: SHA256Digest?
    private var displayName: String?
    private var trackers = URLList()
    private var webSeeds = URLList()
    private var peers: [NamedEndpoint] = []
    private var selectedFiles: [ClosedRange<Int>]?

    init(limits: WireLimits) { self.limits = limits }

    consuming func parse(_ text: [UInt8]) throws(MagnetError) -> MagnetLink {
        guard text.count <= limits.magnetByteCount else {
            let expected = "at most \(limits.magnetByteCount) bytes"
            throw MagnetError(.limit, at: limits.magnetByteCount, expected: expected, found: "\(text.count)")
        }
        let scheme = Array("magnet:?".utf8)
        guard String(decoding: text.prefix(scheme.count), as: UTF8.self).lowercased().utf8.elementsEqual(scheme) else {
            throw MagnetError(.notMagnet, at: 0, expected: "magnet:?", found: "other text")
        }
        var parser = self
        for parameter in text[scheme.count...].split(separator: UInt8(ascii: "&")) {
            try parser.handle(parameter)
        }
        return try parser.makeLink()
    }

    private func makeLink() throws(MagnetError) -> MagnetLink {
        guard let hashes = InfoHashes(v1: v1, v2: v2) else {
            throw MagnetError(.noHash, at: 0, expected: "xt=urn:btih: or xt=urn:btmh:", found: "neither")
        }
        return MagnetLink(
            hashes: hashes,
            displayName: displayName,
            trackers: trackers.urls,
            webSeeds: webSeeds.urls,
            peers: peers,
            selectedFiles: selectedFiles
        )
    }

    private mutating func handle(_ parameter: ArraySlice<UInt8>) throws(MagnetError) {
        guard let equals = parameter.firstIndex(of: UInt8(ascii: "=")) else { return }
        let raw = parameter[(equals + 1)...]
        let value = String(decoding: PercentEncoding.decode(raw), as: UTF8.self)
        // Parameters of one kind may be numbered: tr.1, tr.2.
        switch Self.withoutNumber(String(decoding: parameter[..<equals], as: UTF8.self).lowercased()) {
        case "xt": try handleTopic(value, at: parameter.startIndex)
        case "dn":
            let name = PercentEncoding.decode(raw, plusIsSpace: true)
            displayName = displayName ?? String(decoding: name.prefix(limits.metainfoTextByteCount), as: UTF8.self)
        case "tr": trackers.append(value, limit: limits.metainfoSourceCount)
        case "ws": webSeeds.append(value, limit: limits.metainfoSourceCount)
        case "x.pe":
            if let peer = NamedEndpoint(value), peers.count < limits.metainfoSourceCount { peers.append(peer) }
        case "so": selectedFiles = FileSelection.parse(value, limits: limits) ?? selectedFiles
        default: break
        }
    }

    private static func withoutNumber(_ key: String) -> Substring {
        guard let dot = key.lastIndex(of: "."), DecimalNumber.parse(key[dot...].utf8.dropFirst(), maxDigits: 9) != nil
        else { return key[...] }
        return key[..<dot]
    }
}

/// Distinct URLs in order.
private struct URLList {
    private(set) var urls: [String] = []
    private var seen: Set<ExactText> = []

    mutating func append(_ url: String, limit: Int) {
        guard !url.isEmpty, urls.count < limit, seen.insert(ExactText(url)).inserted else { return }
        urls.append(url)
    }
}

// MARK: Topics

extension MagnetParser {
    private mutating func handleTopic(_ topic: String, at offset: Int) throws(MagnetError) {
        let lower = topic.lowercased()
        if lower.hasPrefix("urn:btih:") {
            try handleV1(topic.dropFirst("urn:btih:".count), at: offset)
        } else if lower.hasPrefix("urn:btmh:") {
            try handleV2(lower.dropFirst("urn:btmh:".count), at: offset)
        }
    }

    private mutating func handleV1(_ text: Substring, at offset: Int) throws(MagnetError) {
        let bytes = text.utf8.count == 32 ? Base32.decode(text) : Hex.decode(text)
        guard let hash = bytes.flatMap({ SHA1Digest($0) }) else {
            throw MagnetError(.badHash, at: offset, expected: "40 hex or 32 base32 digits", found: excerpt(of: text))
        }
        guard v1 == nil || v1 == hash else { throw conflict(at: offset) }
        v1 = hash
    }

    private mutating func handleV2(_ text: Substring, at offset: Int) throws(MagnetError) {
        guard text.hasPrefix(MagnetLink.sha256Multihash),
            let hash = Hex.decode(text.dropFirst(MagnetLink.sha256Multihash.count)).flatMap({ SHA256Digest($0) })
        else {
            throw MagnetError(.badHash, at: offset, expected: "1220 and 64 hex digits", found: excerpt(of: text))
        }
        guard v2 == nil || v2 == hash else { throw conflict(at: offset) }
        v2 = hash
    }

    private func excerpt(of text: Substring) -> String { "'\(text.prefix(80))'" }

    private func conflict(at offset: Int) -> MagnetError {
        MagnetError(.conflict, at: offset, expected: "one torrent", found: "a second one")
    }
}
