// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

/// Peers that claim everything, take requests and send nothing. They delay the end of a download only briefly.
@Suite struct SilentPeersTests {
    /// Returns the seconds until a leecher has 8 MiB from one honest seed at 1 MiB/s, among silent peers at `addresses`
    /// addresses.
    private func seconds(silent count: Int, addresses: Int, isMagnet: Bool, seed: UInt64) throws -> Double {
        let torrent = try Scenario.torrent(pieces: 256)
        let swarm = VirtualSwarm(torrent, seed: seed)
        var silent: [VirtualPeer] = []
        for number in 0..<count {
            let neighbour = number < addresses ? nil : silent[number % addresses]
            silent.append(swarm.add(.leecher, .mute, capacity: Scenario.link(64), beside: neighbour))
        }
        for peer in silent { peer.start() }
        let leecher = swarm.start(1, isMagnet ? .magnet(torrent.info.hashes) : .leecher)[0]
        // The silent peers have been asked by the time that the honest one joins.
        swarm.run(for: .seconds(2))
        swarm.start(1, .seed, uplink: 1024)
        swarm.run(for: .minutes(5)) { leecher.isComplete }
        #expect(leecher.wrongPieces.isEmpty)
        return leecher.completedAt.map { ($0 - .zero).seconds } ?? .infinity
    }

    @Test(arguments: [1, 3, 30], 1...3 as ClosedRange<UInt64>)
    func `Silent peers delay the end only briefly`(addresses: Int, seed: UInt64) throws {
        let alone = try seconds(silent: 0, addresses: 0, isMagnet: false, seed: seed)
        let among = try seconds(silent: 60, addresses: addresses, isMagnet: false, seed: seed)
        // The seed may unchoke the leecher one round later.
        let limit = 1.5 * alone + SwarmTiming.chokeRound.seconds
        #expect(among < limit, "\(among) s, \(alone) s without them, \(replayLine(seed))")
    }

    @Test(arguments: [1, 3, 30], 1...3 as ClosedRange<UInt64>)
    func `Silent peers delay a magnet link's metadata only briefly`(addresses: Int, seed: UInt64) throws {
        let alone = try seconds(silent: 0, addresses: 0, isMagnet: true, seed: seed)
        let among = try seconds(silent: 60, addresses: addresses, isMagnet: true, seed: seed)
        // Each address that is asked before the seed adds the time that a part may be late.
        let limit =
            1.5 * alone + SwarmTiming.chokeRound.seconds + Double(addresses) * SwarmTiming.lateMetadata.seconds
        #expect(among < limit, "\(among) s, \(alone) s without them, \(replayLine(seed))")
    }
}
