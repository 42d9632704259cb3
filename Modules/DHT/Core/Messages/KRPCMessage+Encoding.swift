// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

extension KRPCMessage {
    /// The client and its version in four bytes, by convention (BEP 5, `v`).
    private static let version: [UInt8] = Array("RU".utf8) + [0, 1]

    /// The message as a datagram, in canonical bencode.
    package var encoded: [UInt8] {
        var encoder = BencodeEncoder(capacity: 512)
        encoder.dictionary { message in
            if case .query(let query) = body {
                message.key("a")
                message.dictionary { query.encode(into: &$0) }
            }
            if case .error(let error) = body {
                message.key("e")
                message.list {
                    $0.integer(error.code)
                    $0.string(error.message)
                }
            }
            message.entry("ip", observedEndpoint?.compactBytes)
            if case .query(let query) = body { message.entry("q", query.method.name) }
            if case .response(let response) = body {
                message.key("r")
                message.dictionary { response.encode(into: &$0) }
            }
            message.entry("ro", isReadOnly ? 1 : nil as Int?)
            message.entry("t", transaction)
            message.entry("v", Self.version)
            message.entry("y", body.kind)
        }
        return encoder.bytes
    }
}

extension KRPCMessage.Body {
    fileprivate var kind: String {
        switch self {
        case .query: "q"
        case .response: "r"
        case .error: "e"
        }
    }
}

extension KRPCQuery.Method {
    fileprivate var name: String {
        switch self {
        case .ping, .unknown, .unfit: "ping"
        case .findNode: "find_node"
        case .getPeers: "get_peers"
        case .announcePeer: "announce_peer"
        case .get: "get"
        case .put: "put"
        case .sampleInfoHashes: "sample_infohashes"
        }
    }
}

extension KRPCQuery {
    fileprivate func encode(into arguments: inout BencodeEncoder) {
        if case .put(_, _, let replacing) = method { arguments.entry("cas", replacing) }
        arguments.entry("id", sender.bytes)
        switch method {
        case .ping, .unknown, .unfit: break
        case .findNode(let target), .sampleInfoHashes(let target): arguments.entry("target", target.bytes)
        case .getPeers(let infoHash, let skipsSeeds, let scrapes):
            arguments.entry("info_hash", infoHash.bytes)
            arguments.entry("noseed", skipsSeeds ? 1 : nil as Int?)
            arguments.entry("scrape", scrapes ? 1 : nil as Int?)
        case .announcePeer(let announcement, let token):
            arguments.entry("implied_port", announcement.port == nil ? 1 : 0)
            arguments.entry("info_hash", announcement.infoHash.bytes)
            arguments.entry("port", announcement.port ?? 1)
            arguments.entry("seed", announcement.isSeed ? 1 : nil as Int?)
            arguments.entry("token", token)
        case .get(let target, let newerThan):
            arguments.entry("seq", newerThan)
            arguments.entry("target", target.bytes)
        case .put(let item, let token, _):
            if let author = item.author {
                arguments.entry("k", author.key.bytes)
                arguments.entry("salt", author.salt.isEmpty ? nil : author.salt)
                arguments.entry("seq", author.sequence)
                arguments.entry("sig", author.signature.bytes)
            }
            arguments.entry("token", token)
            arguments.key("v")
            arguments.encoded(item.value)
        }
        guard !wants.isEmpty else { return }
        arguments.key("want")
        arguments.list { list in
            for form in wants { list.string(form == .v4 ? "n4" : "n6") }
        }
    }
}

extension KRPCResponse {
    fileprivate func encode(into fields: inout BencodeEncoder) {
        fields.entry("BFpe", peerFilter?.bytes)
        fields.entry("BFsd", seedFilter?.bytes)
        fields.entry("id", sender.bytes)
        fields.entry("interval", sampleInterval)
        fields.entry("k", key?.bytes)
        let (v4, v6) = (compactNodes(.v4), compactNodes(.v6))
        fields.entry("nodes", v4.isEmpty ? nil : v4)
        fields.entry("nodes6", v6.isEmpty ? nil : v6)
        fields.entry("num", sampledCount)
        fields.entry("samples", samples?.flatMap(\.bytes))
        fields.entry("seq", sequence)
        fields.entry("sig", signature?.bytes)
        fields.entry("token", token)
        if let value {
            fields.key("v")
            fields.encoded(value)
        }
        guard !peers.isEmpty else { return }
        fields.key("values")
        fields.list { list in
            for peer in peers { list.string(peer.compactBytes) }
        }
    }

    private func compactNodes(_ form: CompactForm) -> [UInt8] {
        nodes.filter { $0.endpoint.compactForm == form }.flatMap(\.compactBytes)
    }
}
