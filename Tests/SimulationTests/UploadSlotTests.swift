// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

/// Addresses with many connections that take the upload slots of a seed without giving anything.
@Suite struct UploadSlotTests {
    /// A crowd: its addresses, connections from each, and how long each connection lasts; nil if it stays.
    struct Attack: Sendable {
        let addresses: Int
        let each: Int
        let seconds: ClosedRange<Double>?
        /// The maximum time that a leecher at an address of its own waits for its first block.
        let most: Interval
    }

    /// Once another waits, one address holds one slot until the next round. Several hold one each for a crowded turn,
    /// which ends at a round; a connection that ends gives its slot away at once.
    static let attacks = [
        Attack(addresses: 1, each: 150, seconds: 2...10, most: SwarmTiming.chokeRound),
        Attack(addresses: 1, each: 150, seconds: nil, most: SwarmTiming.chokeRound),
        Attack(addresses: 20, each: 25, seconds: 2...10, most: SwarmTiming.chokeRound),
        Attack(addresses: 20, each: 25, seconds: nil, most: SeedingPolicy.crowdedTurn + SwarmTiming.chokeRound),
    ]

    @Test(arguments: attacks, 1...3 as ClosedRange<UInt64>)
    func `A crowd of few addresses keeps a leecher waiting only for a moment`(attack: Attack, seed: UInt64) throws {
        let swarm = VirtualSwarm(try Scenario.torrent(), seed: seed)
        swarm.limits.peersPerTorrent = 600
        let target = swarm.start(1, .seed, uplink: 1024)[0]
        let hosts = (0..<attack.addresses).map { _ in swarm.network.addHost() }
        let takers = hosts.flatMap { host in
            (0..<attack.each).map { _ in SlotTaker(swarm, on: host, to: target.endpoint, lasting: attack.seconds) }
        }
        for taker in takers { taker.start() }
        // Long enough for every address to have had a turn.
        swarm.run(for: .minutes(5))
        #expect(target.connectedCount > takers.count / 2)
        let start = swarm.now
        let leecher = swarm.start(1)[0]
        swarm.run(for: .minutes(10)) { leecher.downloadedByteCount > 0 }
        let waited = swarm.now - start
        // Two seconds for the tracker, the connection and the block.
        #expect(waited < attack.most + .seconds(2), "\(waited.seconds) s, \(replayLine(seed))")
        swarm.run(for: .minutes(10)) { leecher.isComplete }
        let took = swarm.now - start
        #expect(took < attack.most + .seconds(5), "\(took.seconds) s, \(replayLine(seed))")
        withExtendedLifetime(takers) {}
    }
}
