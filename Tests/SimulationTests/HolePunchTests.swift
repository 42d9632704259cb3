// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

/// Hole punching (BEP 55) between NATs of every kind, with a relay that both have dialled over uTP.
@Suite struct HolePunchTests {
    /// Whether two peers behind these NATs are connected after five minutes, and how often a dial was punched.
    private func meet(_ first: NATKind?, _ second: NATKind?, withUTP: Bool = true, seed: UInt64 = 55) throws -> Bool {
        let swarm = VirtualSwarm(try Scenario.torrent(pieces: 300), seed: seed)
        swarm.tracker.answerCount = 0
        swarm.usesUTP = withUTP
        let relay = swarm.start(1, .seed, uplink: 4)[0]
        let peers = [first, second].map { kind in
            let peer = swarm.add(capacity: Scenario.link(4))
            peer.host.nat = kind
            peer.start()
            swarm.introduce(peer, to: relay)
            return peer
        }
        return swarm.run(for: .minutes(5)) {
            peers[0].connectedEndpoints.contains { $0.address == peers[1].host.address }
        }
    }

    /// A symmetric NAT gives each destination another port, so a NAT that filters by ports keeps its packets out.
    private func canMeet(_ first: NATKind, _ second: NATKind) -> Bool {
        let pair = [first, second]
        return !(pair.contains(.symmetric) && (pair.contains(.portRestricted) || first == second))
    }

    @Test(arguments: NATKind.allCases, NATKind.allCases)
    func `Peers behind NATs meet whenever that is possible`(first: NATKind, second: NATKind) throws {
        #expect(try meet(first, second) == canMeet(first, second))
    }

    @Test(arguments: NATKind.allCases)
    func `A peer without a NAT is met from behind any`(kind: NATKind) throws {
        #expect(try meet(kind, nil))
    }

    @Test(arguments: [NATKind.addressRestricted, .portRestricted])
    func `Without uTP, peers behind NATs do not meet`(kind: NATKind) throws {
        #expect(try !meet(kind, kind, withUTP: false))
    }
}
