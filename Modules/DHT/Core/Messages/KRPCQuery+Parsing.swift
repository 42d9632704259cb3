// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

extension KRPCQuery {
    init(_ root: BencodeView, _ limits: DHTLimits) throws(BencodeError) {
        guard let arguments = root["a"], let sender = arguments["id"]?.string.flatMap(NodeID.init) else {
            throw BencodeError(
                .unexpectedByte,
                at: (root["a"] ?? root).range.lowerBound,
                expected: "a node id in 'a'",
                found: "another value"
            )
        }
        let method: Method
        do throws(KRPCError) {
            method = try Self.method(root["q"]?.text, arguments, limits)
        } catch {
            method = .unfit(error)
        }
        self.init(from: sender, method, wants: Self.wants(arguments["want"]))
    }

    private static func wants(_ view: BencodeView?) -> [CompactForm] {
        let names = view?.elements.prefix(4).compactMap(\.text) ?? []
        return (names.contains("n4") ? [.v4] : []) + (names.contains("n6") ? [.v6] : [])
    }

    private static func method(
        _ name: String?,
        _ arguments: BencodeView,
        _ limits: DHTLimits
    ) throws(KRPCError) -> Method {
        switch name {
        case "ping": return .ping
        case "find_node": return .findNode(try id(arguments["target"], "target"))
        case "get_peers":
            return .getPeers(
                try id(arguments["info_hash"], "info_hash"),
                skipsSeeds: arguments["noseed"]?.integer == 1,
                scrapes: arguments["scrape"]?.integer == 1
            )
        case "announce_peer":
            return .announcePeer(try announcement(arguments), token: try token(arguments, limits))
        case "get": return .get(try id(arguments["target"], "target"), newerThan: arguments["seq"]?.integer)
        case "put":
            return .put(
                try item(arguments, limits),
                token: try token(arguments, limits),
                replacing: arguments["cas"]?.integer
            )
        case "sample_infohashes": return .sampleInfoHashes(try id(arguments["target"], "target"))
        default:
            let target = arguments["target"] ?? arguments["info_hash"]
            return .unknown(target: target?.string.flatMap(NodeID.init))
        }
    }

    private static func id(_ view: BencodeView?, _ name: String) throws(KRPCError) -> NodeID {
        guard let id = view?.string.flatMap(NodeID.init) else {
            throw KRPCError(KRPCError.malformed, "\(name) is not 20 bytes")
        }
        return id
    }

    private static func token(_ arguments: BencodeView, _ limits: DHTLimits) throws(KRPCError) -> [UInt8] {
        guard let token = arguments["token"]?.string, token.count <= limits.tokenByteCount else {
            throw KRPCError(KRPCError.malformed, "no token")
        }
        return Array(token)
    }

    private static func announcement(_ arguments: BencodeView) throws(KRPCError) -> PeerAnnouncement {
        let infoHash = try id(arguments["info_hash"], "info_hash")
        let isSeed = arguments["seed"]?.integer == 1
        if let implied = arguments["implied_port"]?.integer, implied != 0 {
            return PeerAnnouncement(infoHash: infoHash, port: nil, isSeed: isSeed)
        }
        guard let port = arguments["port"]?.integer.flatMap(UInt16.init(exactly:)), port != 0 else {
            throw KRPCError(KRPCError.malformed, "no port")
        }
        return PeerAnnouncement(infoHash: infoHash, port: port, isSeed: isSeed)
    }

    private static func item(_ arguments: BencodeView, _ limits: DHTLimits) throws(KRPCError) -> DHTItem {
        guard let value = arguments["v"]?.rawBytes else { throw KRPCError(KRPCError.malformed, "no value") }
        guard value.count <= DHTItem.valueByteCount else { throw KRPCError(KRPCError.valueTooBig, "value too big") }
        var item = DHTItem(unchecked: Array(value))
        guard let key = arguments["k"] else { return item }
        let salt = arguments["salt"]?.string ?? []
        guard salt.count <= DHTItem.saltByteCount else { throw KRPCError(KRPCError.saltTooBig, "salt too big") }
        guard let key = key.string.flatMap(Ed25519.PublicKey.init),
            let signature = arguments["sig"]?.string.flatMap(Ed25519.Signature.init),
            let sequence = arguments["seq"]?.integer
        else { throw KRPCError(KRPCError.malformed, "no key, sequence or signature") }
        guard sequence >= 0 else { throw KRPCError(KRPCError.malformed, "negative sequence number") }
        item.author = DHTItem.Author(key: key, salt: Array(salt), sequence: sequence, signature: signature)
        return item
    }
}
