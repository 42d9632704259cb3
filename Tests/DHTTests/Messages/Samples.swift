// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire

@testable import RucheDHT

/// One message of each kind.
enum Samples {
    static let messages: [KRPCMessage] = {
        var random = SeededRandom(seed: 9)
        let (own, target) = (NodeID(using: &random), NodeID(using: &random))
        let key = Ed25519.PrivateKey(using: &random)
        let items = [
            try? DHTItem("Hello World!"), try? DHTItem(["a": [1, 2]], by: key, sequence: 4),
            try? DHTItem("x", by: key, salt: [1, 2, 3], sequence: .max),
        ].compactMap(\.self)
        let methods: [KRPCQuery.Method] = [
            .ping, .findNode(target), .getPeers(target, skipsSeeds: true, scrapes: false),
            .getPeers(target, skipsSeeds: false, scrapes: true), .get(target, newerThan: nil),
            .get(target, newerThan: 7), .sampleInfoHashes(target),
            .announcePeer(PeerAnnouncement(infoHash: target, port: 80, isSeed: true), token: [1, 2]),
        ]
        let puts = items.map { KRPCQuery.Method.put($0, token: [9], replacing: $0.author.map { _ in 3 }) }
        let queries = (methods + puts).map {
            KRPCMessage(transaction: [1, 2], .query(KRPCQuery(from: own, $0)), isReadOnly: true)
        }
        let wanting = KRPCQuery(from: own, .findNode(target), wants: [.v4, .v6])
        return queries + responses(own, target, items) + [
            KRPCMessage(transaction: [], .query(wanting)),
            KRPCMessage(transaction: [3], .error(KRPCError(203, "no token"))),
        ]
    }()

    private static func responses(_ own: NodeID, _ target: NodeID, _ items: [DHTItem]) -> [KRPCMessage] {
        var found = KRPCResponse(from: own)
        found.nodes = [
            NodeContact(id: target, endpoint: .v4(1, 2, 3, 4)),
            NodeContact(id: own, endpoint: PeerEndpoint(address: IPAddress(v6High: 0x2001 << 48, low: 1), port: 9)),
        ]
        found.token = [4, 5]
        found.peers = [.v4(5, 6, 7, 8), PeerEndpoint(address: IPAddress(v6High: 0x2002 << 48, low: 1), port: 9)]
        found.seedFilter = ScrapeFilter()
        found.peerFilter = ScrapeFilter()
        found.peerFilter?.insert(IPAddress(v4: 77))
        var sampled = KRPCResponse(from: own)
        sampled.samples = [own, target]
        sampled.sampledCount = 12
        sampled.sampleInterval = 60
        var stored = KRPCResponse(from: own)
        stored.value = items.last?.value
        stored.key = items.last?.author?.key
        stored.signature = items.last?.author?.signature
        stored.sequence = items.last?.author?.sequence
        return [found, sampled, stored, KRPCResponse(from: own)].map {
            KRPCMessage(transaction: [7, 7, 7, 7], .response($0), observedEndpoint: .v4(9, 9, 9, 9, port: 1))
        }
    }
}
