// SPDX-License-Identifier: Apache-2.0

import RucheDHT
import RucheTransport
import RucheWire
import Testing

@testable import RucheSwarm

/// Ways of a session's node into the DHT besides the configured nodes, which do not exist here.
@Suite("Sessions in the DHT", .serialized, .timeLimit(.minutes(3)))
struct SessionDHTTests {
    private let ground: Playground

    init() throws { ground = try Playground() }

    private func makeSession(_ folder: String) async throws -> Session {
        try await ground.makeSession(folder) { $0.dhtBootstrap = [NamedEndpoint(host: "127.0.0.1", port: 9)] }
    }

    private func waitForNode(in session: Session) async throws {
        let node = try #require(session.dht)
        for await status in node.statuses(every: .milliseconds(20)) where status.goodNodeCount > 0 { return }
        Issue.record("the node has ended, and knows no other")
    }

    @Test("Peers of a public torrent introduce their nodes to each other")
    func peersNodes() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await makeSession("seed")
        try await seed.add(metainfo).finished()
        let leech = try await makeSession("leech")
        try await leech.add(metainfo, options: .from(seed))
        try await waitForNode(in: leech)
        try await waitForNode(in: seed)
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("The nodes that a torrent names are used, but not a private one's")
    func torrentsNodes() async throws {
        let (hidden, named) = (try await makeSession("hidden"), try await makeSession("named"))
        let session = try await makeSession("session")
        for (other, isPrivate) in [(hidden, true), (named, false)] {
            var metainfo = try await ground.makeTorrent("\(isPrivate)", isPrivate: isPrivate)
            let port = try #require(other.dht?.endpoints.first?.port)
            metainfo.nodes = [NamedEndpoint(host: "127.0.0.1", port: port)]
            try await session.add(metainfo)
        }
        // Names are looked up in turn.
        try await waitForNode(in: session)
        #expect(try await session.dht?.status().nodeCount == 1)
        #expect(try await hidden.dht?.status().receivedCount == 0)
        for each in [session, hidden, named] { await each.shutdown() }
    }
}
