// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@Suite struct HostilePeersTests {
    @Test(arguments: [Conduct.liar, .mute, .staller, .garbage, .flooder, .freeRider, .inquirer])
    func `A crowd of one bad kind stops no download`(conduct: Conduct) throws {
        let swarm = VirtualSwarm(try Scenario.torrent(.hybrid), seed: 11)
        let hostile = swarm.start(8, .leecher, conduct)
        swarm.start(1, .seed)
        let honest = swarm.start(8)
        #expect(swarm.run(for: .minutes(20)) { honest.areComplete }, "\(honest.map(\.summary))")
        #expect(honest.areCompleteAndRight)
        let banned = honest.flatMap(\.banned)
        #expect(banned.allSatisfy { address in hostile.contains { $0.host.address == address } })
    }

    @Test(arguments: [TorrentFormat.v1, .v2, .hybrid], 1...4 as ClosedRange<UInt64>)
    func `No peer is banned for what another has written`(format: TorrentFormat, seed: UInt64) throws {
        let torrent = try VirtualTorrent(format, pieceLength: 65_536, fileSizes: [12 << 16], seed: 4)
        let swarm = VirtualSwarm(torrent, seed: seed)
        let hostile = swarm.start(2, .leecher, .overwriter, uplink: 256)
        let honest = swarm.start(1, .seed, uplink: 16) + swarm.start(3, uplink: 256)
        #expect(swarm.run(for: .minutes(30)) { honest.areComplete }, "\(replayLine(seed))")
        #expect(honest.areCompleteAndRight)
        let guilty = Set(hostile.map(\.host.address))
        #expect(honest.allSatisfy { $0.banned.isSubset(of: guilty) }, "\(replayLine(seed))")
    }

    @Test func `A peer that sends invalid messages is dropped`() throws {
        let swarm = VirtualSwarm(try Scenario.torrent(), seed: 12)
        let honest = swarm.start(1, .seed)[0]
        swarm.start(1, .leecher, .garbage)
        swarm.run(for: .seconds(20))
        #expect(honest.misbehaviours["garbage", default: 0] + honest.misbehaviours["oversize", default: 0] > 0)
        #expect(honest.connectedCount == 0)
    }

    @Test func `A peer that sends requests by the thousand is dropped`() throws {
        let swarm = VirtualSwarm(try Scenario.torrent(), seed: 13)
        let honest = swarm.start(1, .seed)[0]
        swarm.start(1, .leecher, .flooder)
        swarm.run(for: .minutes(2))
        #expect(honest.misbehaviours["floodOfRequests", default: 0] > 0)
    }

    @Test func `A peer that asks for everything gets answers until it is dropped`() throws {
        let swarm = VirtualSwarm(try Scenario.torrent(.hybrid), seed: 15)
        let honest = swarm.start(1, .seed, uplink: 64)[0]
        swarm.start(1, .leecher, .inquirer)
        swarm.run(for: .minutes(5))
        #expect(
            honest.misbehaviours["floodOfHaves", default: 0] + honest.misbehaviours["floodOfMessages", default: 0] > 0
        )
    }

    @Test(arguments: [TorrentFormat.v1, .v2, .hybrid])
    func `One poisoner among many is convicted by all peers that it poisoned`(format: TorrentFormat) throws {
        let torrent = try VirtualTorrent(format, pieceLength: 262_144, fileSizes: [16 << 18], seed: 4)
        let swarm = VirtualSwarm(torrent, seed: 14)
        swarm.start(3, .seed, uplink: 256)
        swarm.start(1, .leecher, .poisoner(share: 0.3), uplink: 256)
        let honest = swarm.start(6, uplink: 256)
        #expect(swarm.run(for: .minutes(20)) { honest.areComplete })
        #expect(honest.areCompleteAndRight)
        #expect(honest.contains { !$0.poisonedBy.isEmpty })
        #expect(honest.allSatisfy { $0.poisonedBy == $0.banned })
    }
}
