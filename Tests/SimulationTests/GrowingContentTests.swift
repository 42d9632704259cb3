// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheStorage
import RucheSwarm
import RucheTesting
import RucheWire
import Testing

@Suite struct GrowingContentTests {
    @Test(arguments: SimulationSettings.seeds.prefix(3))
    func `A log that one writes reaches fifty who follow, whatever others send`(seed: UInt64) throws {
        let log = try LogSwarm(seed: seed, followers: 50, forgers: 5)
        for number in 0..<60 {
            log.append()
            log.swarm.run(for: .seconds(Int64(1)))
            if number % 6 == 2 { log.churn() }
        }
        log.finish()
        log.restartAll()
        log.swarm.run(for: .minutes(10)) { log.followers.allSatisfy(\.isFinished) }
        let laggards = log.laggards
        #expect(laggards.isEmpty, "\(laggards) did not finish; \(replayLine(seed))")
        let wrong = log.followers.filter { !log.holdsEverything($0) }.map(\.name)
        #expect(wrong.isEmpty, "\(wrong) have wrong bytes; \(replayLine(seed))")
        let honest = Set(([log.writer] + log.followers).map(\.host.address))
        for peer in log.followers {
            #expect(peer.banned.isDisjoint(with: honest), "an honest peer was banned; \(replayLine(seed))")
            #expect(peer.shape?.pieceCount == 61 && peer.refusedShapeCount == 0)
        }
        let banned = log.followers.reduce(into: Set<IPAddress>()) { $0.formUnion($1.banned) }
        #expect(!banned.isEmpty, "forgers are banned")
        // The writer sends each record a few times, not fifty times.
        #expect(log.writer.uploadedByteCount < 20 * log.byteCount, "\(log.writer.uploadedByteCount / log.byteCount)")
    }

    @Test(arguments: SimulationSettings.seeds.prefix(3))
    func `Followers of a window hold no more than that, and one that joins late begins there`(seed: UInt64) throws {
        let log = try LogSwarm(seed: seed, followers: 8, forgers: 0, keeping: 10)
        for _ in 0..<40 {
            log.append()
            log.swarm.run(for: .seconds(Int64(1)))
        }
        let late = log.addFollower()
        late.start()
        log.swarm.run(for: .minutes(2)) { late.isCaughtUp && late.shape?.pieceCount == 40 }
        for peer in log.followers {
            #expect(peer.isCaughtUp && !peer.isFinished && peer.shape?.firstPiece == 30, "\(replayLine(seed))")
            #expect((peer.store as? MemoryStore)?.count == 10 && peer.misbehaviours.isEmpty)
        }
        #expect(late.downloadedByteCount < 15 * LogSwarm.pieceLength, "dropped records are not downloaded")
    }

    @Test func `The same seed makes the same run`() throws {
        let traces = try (0..<2).map { _ in
            let log = try LogSwarm(seed: 3, followers: 10, forgers: 2)
            for number in 0..<10 {
                log.append()
                log.swarm.run(for: .seconds(Int64(1)))
                if number == 5 { log.churn() }
            }
            return log.swarm.network.trace
        }
        #expect(traces[0] == traces[1])
    }
}
