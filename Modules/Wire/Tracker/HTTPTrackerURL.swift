// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto

/// The URLs of requests to HTTP trackers (BEP 3, BEP 48).
package enum HTTPTrackerURL {
    /// Returns the URL that announces `request` to `tracker`. The tracker URL's own query is kept.
    package static func announce(_ request: AnnounceRequest, to tracker: String) -> String {
        var query = Query()
        query.add("info_hash", bytes: request.infoHash.bytes)
        query.add("peer_id", bytes: request.peerID.bytes.bytes)
        query.add("port", request.port)
        query.add("uploaded", request.uploadedByteCount)
        query.add("downloaded", request.downloadedByteCount)
        query.add("left", request.leftByteCount)
        if let event = request.event.name { query.add("event", event) }
        if let count = request.wantedPeerCount { query.add("numwant", count) }
        query.add("key", hexadecimal(request.key))
        query.add("compact", 1)
        query.add("no_peer_id", 1)
        if let id = request.trackerID { query.add("trackerid", bytes: id) }
        if let address = request.address { query.add("ip", bytes: Array("\(address)".utf8)) }
        if request.supportsEncryption { query.add("supportcrypto", 1) }
        return query.appended(to: tracker)
    }

    /// Returns the URL that scrapes `infoHashes`.
    ///
    /// - Throws: `TrackerMessageError` with the code `.unfitURL` if the last path component does not begin with `announce`:
    ///   such a tracker does not support scraping (BEP 48).
    package static func scrape(_ infoHashes: [SHA1Digest], from tracker: String) throws(TrackerMessageError) -> String {
        var query = Query()
        for hash in infoHashes { query.add("info_hash", bytes: hash.bytes) }
        return query.appended(to: try scrapeURL(ofAnnounce: tracker))
    }

    /// Returns `tracker` with `scrape` in place of the `announce` at the start of its last path component.
    static func scrapeURL(ofAnnounce tracker: String) throws(TrackerMessageError) -> String {
        let path = tracker.prefix { $0 != "?" && $0 != "#" }
        guard let slash = path.lastIndex(of: "/"), path[path.index(after: slash)...].hasPrefix("announce") else {
            throw TrackerMessageError(
                .unfitURL,
                expected: "a last path component that begins with 'announce'",
                found: tracker
            )
        }
        let name = path.index(after: slash)
        return tracker[..<name] + "scrape" + tracker[name...].dropFirst("announce".count)
    }

    private static func hexadecimal(_ key: UInt32) -> String {
        let digits = String(key, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

/// The encoded parameters of a query.
private struct Query {
    private var text = ""

    mutating func add(_ name: String, _ value: some CustomStringConvertible) {
        if !text.isEmpty { text += "&" }
        text += "\(name)=\(value)"
    }

    mutating func add(_ name: String, bytes: [UInt8]) { add(name, PercentEncoding.encode(bytes)) }

    /// Returns `url` without its fragment, and with these parameters after its own.
    func appended(to url: String) -> String {
        let base = url.prefix { $0 != "#" }
        let joint = base.contains("?") ? (base.hasSuffix("?") || base.hasSuffix("&") ? "" : "&") : "?"
        return base + joint + text
    }
}
