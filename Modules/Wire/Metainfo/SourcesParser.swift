// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// Parses what a .torrent file contains besides its info dictionary. No hash covers it, so errors are ignored.
struct SourcesParser {
    let root: BencodeView
    let limits: WireLimits

    /// Returns distinct announce URLs by tier (BEP 12). `announce` counts only if the list has none.
    func parseTrackers() -> [[String]] {
        var seen: Set<ExactText> = []
        var tiers: [[String]] = []
        for tier in elements("announce-list") {
            let urls = tier.elements.prefix(limits.metainfoSourceCount).compactMap(url)
            let fresh = urls.filter { seen.count < limits.metainfoSourceCount && seen.insert(ExactText($0)).inserted }
            if !fresh.isEmpty { tiers.append(fresh) }
        }
        if tiers.isEmpty, let single = root["announce"].flatMap(url) { tiers = [[single]] }
        return tiers
    }

    /// Returns distinct web seeds (BEP 19): one string or a list. For several files they name a folder, so they end in
    /// a slash.
    func parseWebSeeds(isMultiFile: Bool) -> [String] {
        guard let value = root["url-list"] else { return [] }
        let candidates = value.kind == .string ? [value] : elements("url-list")
        var seen: Set<ExactText> = []
        return candidates.compactMap(url).compactMap { url in
            let full = isMultiFile && !url.hasSuffix("/") ? url + "/" : url
            return seen.insert(ExactText(full)).inserted ? full : nil
        }
    }

    /// Returns DHT nodes (BEP 5): lists of a host and a port.
    func parseNodes() -> [NamedEndpoint] {
        elements("nodes").compactMap { pair in
            var parts = pair.elements
            guard let host = parts.next()?.text, let port = parts.next()?.integer.flatMap({ UInt16(exactly: $0) }),
                !host.isEmpty, port > 0, host.utf8.count <= limits.metainfoTextByteCount
            else { return nil }
            return NamedEndpoint(host: host, port: port)
        }
    }

    /// Returns free text; invalid UTF-8 is replaced.
    func parseText(_ key: StaticString) -> String? {
        root[key]?.string.map { String(decoding: $0.prefix(limits.metainfoTextByteCount), as: UTF8.self) }
    }

    private func elements(_ key: StaticString) -> [BencodeView] {
        root[key].map { Array($0.elements.prefix(limits.metainfoSourceCount)) } ?? []
    }

    /// Returns a URL without surrounding whitespace, and with invalid characters percent-encoded.
    private func url(_ view: BencodeView) -> String? {
        guard let bytes = view.string, bytes.count <= limits.metainfoTextByteCount else { return nil }
        let isSpace: (UInt8) -> Bool = { $0 <= 0x20 }
        let trimmed = bytes.drop(while: isSpace)
        guard let last = trimmed.lastIndex(where: { !isSpace($0) }) else { return nil }
        return PercentEncoding.encodeUnfit(trimmed[...last])
    }
}
