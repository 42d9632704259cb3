// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheDHT
import RucheTransport
import RucheWire
import Testing

/// Nodes on real sockets of the loopback interface.
@Suite(.timeLimit(.minutes(5))) struct DHTNodeTests {
    @Test func peersAreAnnouncedAndFound() async throws {
        try await withDHTNodes(12) { nodes in
            let hash = SHA1.hash([1, 2, 3])
            let stored = try await nodes[3].announce(hash, DHTAnnouncement(port: 4_321, isSeed: true))
            #expect(stored > 0)
            var found: [PeerEndpoint] = []
            for try await peers in nodes[9].findPeers(of: hash) { found += peers }
            #expect(found == [PeerEndpoint(address: .loopback, port: 4_321)])
            let scrape = try await nodes[5].scrape(hash)
            #expect(scrape.estimatedSeedCount.rounded() == 1 && scrape.estimatedLeecherCount == 0)
            let sample = try await nodes[6].sample(near: NodeID(hash))
            #expect(sample.infoHashes == [hash])
        }
    }

    @Test func itemsArePutAndReadAndReplaced() async throws {
        try await withDHTNodes(12) { nodes in
            let fixed = try DHTItem(["a": [1, 2, 3]])
            try await nodes[2].put(fixed)
            #expect(try await nodes[8].get(fixed.target) == fixed)

            let author = Ed25519.PrivateKey(using: &random)
            let first = try DHTItem("first", by: author, salt: [7], sequence: 1)
            try await nodes[2].put(first)
            #expect(try await nodes[7].get(author.publicKey, salt: [7]) == first)
            let second = try DHTItem("second", by: author, salt: [7], sequence: 2)
            await #expect(throws: DHTError.self) { try await nodes[4].put(second, replacing: 9) }
            try await nodes[4].put(second, replacing: 1)
            await #expect(throws: DHTError.self) { try await nodes[4].put(first) }
            #expect(try await nodes[11].get(author.publicKey, salt: [7]) == second)
            await #expect(throws: DHTError.self) { try await nodes[1].get(author.publicKey) }
        }
    }

    @Test func aSavedTableIsTakenUpAgain() async throws {
        try await withDHTNodes(10) { nodes in
            let saved = try await nodes[4].save()
            let before = try await nodes[4].status()
            await nodes[4].close()
            await #expect(throws: DHTError.self) { try await nodes[4].get(NodeID(SHA1.hash([9]))) }
            var configuration = DHTConfiguration()
            configuration.saved = saved
            let again = try await DHTNode.open(binding: .loopback, configuration: configuration, runtime: nodeRuntime)
            #expect(try await again.status().ids == before.ids)
            let item = try DHTItem("saved")
            try await again.put(item)
            #expect(try await nodes[7].get(item.target) == item)
            await again.close()
            configuration.saved = Array(saved.dropLast(3))
            await #expect(throws: DHTError.self) {
                try await DHTNode.open(binding: .loopback, configuration: configuration, runtime: nodeRuntime)
            }
        }
    }

    @Test func aNodeWithoutContactsReportsIt() async throws {
        try await withDHTNodes(1) { nodes in
            do {
                for try await _ in nodes[0].findPeers(of: SHA1.hash([1])) {}
                Issue.record("peers from nowhere")
            } catch let error as DHTError { #expect(error.code == .noNodes) }
        }
    }

    @Test func statusesEndWithTheNode() async throws {
        try await withDHTNodes(3) { nodes in
            var count = 0
            for await status in nodes[1].statuses(every: .milliseconds(20)) {
                #expect(status.nodeCount > 0 && status.ids.count == 1)
                count += 1
                if count == 3 { await nodes[1].close() }
            }
            #expect(count >= 3)
        }
    }

    /// A peer's node (BEP 5's PORT message) is known once it has answered.
    @Test func aNamedNodeIsPinged() async throws {
        let node = try await DHTNode.open(binding: .loopback, runtime: nodeRuntime)
        try await withDHTNodes(1) { nodes in
            let named = try #require(nodes[0].endpoints.first)
            while try await node.status().nodeCount == 0 {
                node.add(node: named)  // Again: a node that answers late on a busy machine stays unknown.
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(try await node.status().goodNodeCount == 1)
        }
        await node.close()
    }

    private var random: SeededRandom {
        get { SeededRandom(seed: 77) }
        nonmutating set { _ = newValue }
    }
}
