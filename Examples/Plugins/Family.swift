// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import Testing

/// An unchoke policy: only the devices of a family may download, those that have least first.
struct Family: UnchokePolicy {
    let devices: Set<IPAddress>

    func admits(_ candidate: UnchokeCandidate, at now: Instant) -> Bool { devices.contains(candidate.endpoint.address) }

    func rank(of candidate: UnchokeCandidate, at now: Instant) -> Double? { candidate.progress }
}

@Suite("An unchoke policy", .timeLimit(.minutes(2)))
struct FamilyTests {
    @Test func keepsToTheRulesOfPolicies() {
        #expect(checkUnchokePolicy(Family(devices: [IPAddress(v4: 0x0a00_0001)])).isEmpty)
    }

    @Test func onlyTheFamilyDownloads() throws {
        let torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [2 << 20], seed: 1)
        let swarm = VirtualSwarm(torrent, seed: 1)
        let seed = swarm.add(.seed)
        let leechers = (0..<4).map { _ in swarm.add(.leecher) }
        let family = Family(devices: Set(leechers.prefix(2).map(\.host.address)))
        for peer in swarm.peers { peer.unchoking = UnchokePolicies(downloading: family, seeding: family) }
        for peer in [seed] + leechers { peer.start() }
        #expect(swarm.run(for: .minutes(10)) { leechers.prefix(2).allSatisfy(\.isComplete) })
        swarm.run(for: .minutes(2))
        // Every newcomer may have a few pieces, even while it is choked (BEP 6).
        #expect(leechers.suffix(2).allSatisfy { $0.stored.setCount < 32 })
    }
}
