// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheCrypto

extension AnnounceResponse {
    /// Parses the body of an HTTP tracker's response, after decompression (BEP 3, 7, 23, 24, 31).
    ///
    /// Peers may be in compact form or dictionaries. Dictionaries that give a host name instead of an address
    /// become `namedPeers`.
    ///
    /// - Throws: `TrackerMessageError` with the code `.refused` for a failure reason, or `.malformed` if the body is not a
    ///   bencoded dictionary or a list of peers cannot be read.
    package init(parsing body: ByteBuffer, limits: TrackerMessageLimits = .init()) throws(TrackerMessageError) {
        let root = try HTTPTrackerAnswer.dictionary(body, limits)
        self.init()
        intervalSeconds = root.seconds("interval", limits) ?? Self.defaultIntervalSeconds
        minimumIntervalSeconds = root.seconds("min interval", limits)
        seedCount = root.count("complete")
        leecherCount = root.count("incomplete")
        downloadCount = root.count("downloaded")
        externalAddress = root["external ip"]?.string.flatMap(IPAddress.init(compact:))
        warning = root["warning message"]?.shortText(limits)
        trackerID = root["tracker id"]?.string.flatMap { $0.count <= limits.trackerIDByteCount ? Array($0) : nil }
        if let list = root["peers"] { try addPeers(list, .v4, limits) }
        if let list = root["peers6"] { try addPeers(list, .v6, limits) }
    }

    private mutating func addPeers(
        _ list: BencodeView,
        _ form: CompactForm,
        _ limits: TrackerMessageLimits
    ) throws(TrackerMessageError) {
        let room = limits.peerCount - peers.count
        switch list.kind {
        case .string:
            let bytes = list.string ?? []
            guard let endpoints = PeerEndpoint.list(compact: bytes, form: form, limit: room) else {
                throw TrackerMessageError(
                    .malformed,
                    at: list.range.lowerBound,
                    expected: "a multiple of \(form.byteCount) bytes",
                    found: "\(bytes.count)"
                )
            }
            peers += endpoints
        case .list:
            peers += list.elements.lazy.compactMap(HTTPTrackerAnswer.peer).prefix(room)
            let nameRoom = max(0, limits.namedPeerCount - namedPeers.count)
            namedPeers += list.elements.lazy.compactMap(HTTPTrackerAnswer.namedPeer).prefix(nameRoom)
        case .integer, .dictionary:
            let expected = "a string or a list of peers"
            throw TrackerMessageError(.malformed, at: list.range.lowerBound, expected: expected, found: "\(list.kind)")
        }
    }
}

extension ScrapeResponse {
    /// Parses the body of an HTTP tracker's response to a scrape, after decompression (BEP 48).
    ///
    /// - Throws: `TrackerMessageError` with the code `.refused` for a failure reason, or `.malformed`.
    package init(parsing body: ByteBuffer, limits: TrackerMessageLimits = .init()) throws(TrackerMessageError) {
        let root = try HTTPTrackerAnswer.dictionary(body, limits)
        guard let files = root["files"], files.kind == .dictionary else {
            let found = root["files"].map { "\($0.kind)" } ?? "nothing"
            throw TrackerMessageError(.malformed, expected: "a dictionary of files", found: found)
        }
        self.init(swarms: [:])
        for (key, value) in files.entries {
            guard swarms.count < limits.scrapeCount else { break }
            guard let hash = SHA1Digest(key), value.kind == .dictionary else { continue }
            swarms[hash] = Counts(
                seedCount: value.count("complete") ?? 0,
                leecherCount: value.count("incomplete") ?? 0,
                downloadCount: value.count("downloaded") ?? 0
            )
        }
    }
}

// MARK: - Common parts

private enum HTTPTrackerAnswer {
    /// Returns the root of `body`; throws `.refused` if it contains a failure reason.
    static func dictionary(_ body: ByteBuffer, _ limits: TrackerMessageLimits) throws(TrackerMessageError)
        -> BencodeView
    {
        let root: BencodeView
        do {
            var rules = BencodeRules.messageWithPayload
            rules.maxByteCount = limits.responseByteCount
            root = try BencodeDocument(body, rules: rules).root
        } catch {
            throw TrackerMessageError(.malformed, at: error.offset, expected: error.expected, found: error.found)
        }
        guard root.kind == .dictionary else {
            throw TrackerMessageError(.malformed, expected: "a dictionary", found: "\(root.kind)")
        }
        // BEP 48 spells it with an underscore.
        if let reason = (root["failure reason"] ?? root["failure_reason"])?.shortText(limits) {
            throw TrackerMessageError(.refused, expected: "success", found: reason, retry: retry(root["retry in"]))
        }
        return root
    }

    /// Parses BEP 31's `retry in`: minutes as a string, or `never`. Some trackers send an integer.
    private static func retry(_ view: BencodeView?) -> TrackerMessageError.Retry? {
        guard let view else { return nil }
        if view.text == "never" { return .never }
        let minutes = view.integer.flatMap(Int.init(exactly:)) ?? view.text.flatMap { Int($0) }
        return minutes.flatMap { $0 > 0 ? .after(minutes: $0) : nil }
    }

    /// Parses a peer in dictionary form; nil without a usable address and port.
    static func peer(_ view: BencodeView) -> PeerEndpoint? {
        guard let address = address(view), let port = view["port"]?.integer.flatMap(UInt16.init(exactly:)) else {
            return nil
        }
        return PeerEndpoint(address: address, port: port)
    }

    /// Parses a peer in dictionary form with a host name; nil if the name is not a possible one.
    static func namedPeer(_ view: BencodeView) -> NamedEndpoint? {
        guard address(view) == nil, let host = view["ip"]?.text, (1...253).contains(host.utf8.count),
            host.utf8.allSatisfy(isNameByte), let port = view["port"]?.integer.flatMap(UInt16.init(exactly:)), port > 0
        else { return nil }
        return NamedEndpoint(host: host, port: port)
    }

    /// Some trackers write IPv6 addresses in brackets.
    private static func address(_ view: BencodeView) -> IPAddress? {
        guard let text = view["ip"]?.text else { return nil }
        return IPAddress(text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}

extension BencodeView {
    fileprivate func count(_ key: StaticString) -> Int? {
        self[key]?.integer.flatMap(Int.init(exactly:)).flatMap { $0 >= 0 ? $0 : nil }
    }

    fileprivate func seconds(_ key: StaticString, _ limits: TrackerMessageLimits) -> Int? {
        count(key).map { min($0, limits.intervalSeconds) }
    }

    fileprivate func shortText(_ limits: TrackerMessageLimits) -> String? {
        string.map { String(decoding: $0.prefix(limits.textByteCount), as: UTF8.self) }
    }
}
