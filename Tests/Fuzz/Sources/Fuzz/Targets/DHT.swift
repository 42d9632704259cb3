// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheDHT
internal import RucheWire

extension FuzzTarget {
    /// A datagram of the DHT: what is parsed is the same after encoding and parsing it again.
    static let krpc = FuzzTarget(name: "krpc", seeds: { krpcSeeds }) { bytes in
        let limits = DHTLimits()
        guard let message = try? KRPCMessage(parsing: bytes, limits: limits) else { return }
        require(message.transaction.count <= limits.transactionByteCount, "limits hold")
        switch message.body {
        case .query(let query):
            switch query.method {
            case .unknown, .unfit: return
            case .put(let item, _, _):
                require(item.value.count <= DHTItem.valueByteCount, "limits hold")
                _ = item.isGenuine
            default: break
            }
        case .response(let response):
            require(response.peers.count <= limits.peersPerAnswer, "limits hold")
            require(response.nodes.count <= 2 * limits.nodesPerAnswer, "limits hold")
            // A value is kept as received, which need not be canonical; an empty list is not distinguished from a
            // missing one.
            guard response.value == nil else { return }
        case .error: return
        }
        let again = try? KRPCMessage(parsing: message.encoded, limits: .generous)
        require(again == message, "what was read is written")
    }

    private static let krpcSeeds: [[UInt8]] = {
        let id = "2:id20:abcdefghij0123456789"
        let hash = "20:mnopqrstuvwxyz123456"
        return [
            "d1:ad\(id)e1:q4:ping1:t2:aa1:y1:qe",
            "d1:ad\(id)6:target\(hash)4:wantl2:n42:n6ee1:q9:find_node1:t2:aa1:y1:qe",
            "d1:ad\(id)9:info_hash\(hash)6:noseedi1e6:scrapei1ee1:q9:get_peers2:roi1e1:t2:aa1:y1:qe",
            "d1:ad\(id)12:implied_porti1e9:info_hash\(hash)4:porti6881e5:token2:xxe1:q13:announce_peer1:t2:aa1:y1:qe",
            "d1:ad3:casi1e\(id)1:k32:\(String(repeating: "k", count: 32))4:salt1:s3:seqi4e3:sig64:"
                + "\(String(repeating: "s", count: 64))5:token2:xx1:v12:Hello World!e1:q3:put1:t2:aa1:y1:qe",
            "d1:rd\(id)5:nodes26:abcdefghij0123456789axje.u5:token8:aoeusnth6:valuesl6:axje.uee1:t2:aa1:y1:re",
            "d2:ip6:axje.u1:rd\(id)8:intervali60e3:numi2e7:samples\(hash)e1:t2:aa1:y1:re",
            "d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee",
        ].map { Array($0.utf8) }
    }()
}

extension DHTLimits {
    /// For what is encoded again, which may be longer than before.
    fileprivate static let generous = {
        var limits = DHTLimits()
        limits.receivedByteCount *= 4
        limits.messageTokens *= 4
        return limits
    }()
}
