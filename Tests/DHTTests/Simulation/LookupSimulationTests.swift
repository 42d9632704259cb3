// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheDHT

struct LookupSimulationTests {
    /// Full tables, in which a fifth of all nodes never answer.
    @Test func storedItemsAreFoundSoon() {
        let world = DHTWorld(seed: 1, .init(nodeCount: SimulationScale.nodeCount))
        world.warm()
        let items = world.putItems(40)
        #expect(items.count == 40)
        let figures = world.read(items, readers: 25)
        print("FIGURE \(SimulationScale.nodeCount) nodes: \(figures)")
        #expect(figures.readCount == 1_000)
        #expect(figures.foundShare >= 0.999)
        #expect(figures.medianMilliseconds < 200)
        #expect(figures.queriesPerRead < 60)
    }

    /// Nodes leave and join; half of them are replaced after an hour.
    @Test func itemsOutliveTheirNodes() {
        var options = DHTWorld.Options(nodeCount: min(SimulationScale.nodeCount, 1_000))
        options.halfLifeSeconds = 3_600
        let world = DHTWorld(seed: 2, options)
        world.warm()
        let items = world.putItems(20)
        world.startChurn()
        world.run(seconds: 20 * 60)
        let figures = world.read(items, readers: 10)
        print("FIGURE churn, \(options.nodeCount) nodes, 20 minutes after the put: \(figures)")
        #expect(figures.readCount == 200)
        #expect(figures.foundShare >= 0.99)
    }

    /// A network starts from one named node: everything is found in both directions, and the same seed gives the same
    /// run.
    @Test func aNetworkFormsFromOneNode() throws {
        func play(_ seed: UInt64) throws -> DHTWorld {
            let world = DHTWorld(seed: seed, .init(nodeCount: 120, silentShare: 0))
            let first = world.nodes[0].endpoint
            for node in world.nodes.indices.dropFirst() {
                world.act(on: node) { core, batch in core.addNamedNodes([first], in: &batch) }
            }
            world.run(seconds: 60)
            let hash = NodeID(using: &world.random)
            let announcement = PeerAnnouncement(infoHash: hash, port: 4_000, isSeed: true)
            let announce = try #require(world.search(.peers(of: hash, scrapes: false, announcing: announcement), on: 5))
            world.run(seconds: 30) { world.results[announce] != nil }
            #expect(world.results[announce]?.storedCount ?? 0 >= 8)
            let find = try #require(world.search(.peers(of: hash, scrapes: true, announcing: nil), on: 99))
            world.run(seconds: 30) { world.results[find] != nil }
            let expected = PeerEndpoint(address: world.nodes[5].endpoint.address, port: 4_000)
            #expect(world.peers[find] == [expected])
            #expect(world.results[find]?.seedFilter.estimatedCount.rounded() == 1)
            let sample = try #require(world.search(.samples(near: hash), on: 7))
            world.run(seconds: 30) { world.results[sample] != nil }
            #expect(world.results[sample]?.samples == [hash])
            return world
        }
        let (first, again, other) = (try play(3), try play(3), try play(4))
        #expect(first.trace == again.trace && first.datagramCount == again.datagramCount)
        #expect(first.trace != other.trace)
    }
}
