// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheDHT

struct LookupSimulationTests {
    /// Full tables, in which a fifth of all nodes never answer.
    @Test func storedItemsAreFoundSoon() {
        let cost = SimulationCost()
        let world = DHTWorld(seed: 1, .init(nodeCount: SimulationScale.nodeCount))
        world.warm()
        print("FIGURE \(cost.memory(of: world.alive.count))")
        let items = world.putItems(40)
        #expect(items.count == 40)
        let figures = world.read(items, readers: 25)
        print("FIGURE \(SimulationScale.nodeCount) nodes: \(figures)")
        let seconds = world.now.nanoseconds / 1_000_000_000
        print("FIGURE \(world.alive.count) nodes lived \(seconds) s, \(world.datagramCount) datagrams")
        #expect(figures.readCount == 1_000)
        #expect(figures.foundShare >= 0.999)
        #expect(figures.medianMilliseconds < 200)
        #expect(figures.queriesPerRead < 60)
    }

    /// A node that starts with the table of its last run finds an item within a second.
    @Test func aRestartIsWarm() throws {
        let world = DHTWorld(seed: 5, .init(nodeCount: 2_000))
        world.warm()
        let items = world.putItems(20)
        var milliseconds: [Double] = []
        for item in items {
            let core = world.nodes[try #require(world.alive.randomElement(using: &world.random))].core
            let saved = try SavedTable(parsing: SavedTable(core).encoded(forms: [.v4]))
            let node = world.addNode(at: world.freshEndpoint())
            let start = world.now
            world.act(on: node) { core, batch in core.restore(saved, in: &batch) }
            let run = try #require(world.search(.item(at: item.target, salt: []), on: node))
            world.run(seconds: 60) { world.results[run] != nil }
            #expect(world.results[run]?.item == item)
            if let first = world.firstFinds[run] { milliseconds.append((first - start).seconds * 1_000) }
        }
        #expect(milliseconds.count == 20)
        let slowest = try #require(milliseconds.max())
        let median = milliseconds.sorted()[10]
        print("FIGURE restart: first value after \(median.rounded()) ms at the median, \(slowest.rounded()) at most")
        #expect(slowest < 1_000)
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
