// SPDX-License-Identifier: Apache-2.0

import RucheDHT
import RucheSwarm
import Testing

/// A node of the DHT without a session: for a tool that finds peers, or for small signed values without a server.
@Suite("A node of the DHT alone", .timeLimit(.minutes(1)))
struct NodeTests {
    @Test func findsPeersAndItems() async throws {
        let runtime = TransportRuntime(loopCount: 1, blockingThreadCount: 1)
        let first = try await DHTNode.open(binding: .loopback, runtime: runtime)
        let configuration = DHTConfiguration(bootstrap: first.endpoints)
        let node = try await DHTNode.open(binding: .loopback, configuration: configuration, runtime: runtime)
        var secrets = SecureRandom()
        let author = Ed25519.PrivateKey(using: &secrets)
        let infoHash = SHA1.hash(Array("a swarm".utf8))
        var found: [PeerEndpoint] = []

        try await node.announce(infoHash, DHTAnnouncement(port: 6_881))
        for try await peers in node.findPeers(of: infoHash) { found += peers }

        try await node.put(DHTItem("today's news", by: author, sequence: 1))
        let item = try await node.get(author.publicKey)

        #expect(found == [PeerEndpoint(address: first.endpoints[0].address, port: 6_881)])
        #expect(item.decoded == "today's news")
        await node.close()
        await first.close()
        await runtime.shutdown()
    }
}
