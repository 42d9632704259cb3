// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheSwarm
import RucheTesting
import RucheWire
import Testing

@Suite struct FeedTests {
    @Test(arguments: SimulationSettings.seeds.prefix(3))
    func `What one appends reaches thirty who follow, whatever others send`(seed: UInt64) throws {
        let feed = try FeedSwarm(seed: seed, followers: 30, forgers: 3)
        for number in 0..<40 {
            feed.append()
            feed.swarm.run(for: .seconds(Int64(1)))
            if number % 6 == 2 { feed.churn() }
        }
        feed.finish()
        feed.restartAll()
        feed.swarm.run(for: .minutes(10)) { feed.followers.allSatisfy(\.isFinished) }
        let laggards = feed.laggards
        #expect(laggards.isEmpty, "\(laggards) did not finish; \(replayLine(seed))")
        let wrong = feed.followers.filter { !feed.holdsEverything($0) }.map(\.name)
        #expect(wrong.isEmpty, "\(wrong) have wrong bytes; \(replayLine(seed))")
        #expect(feed.followers.allSatisfy { $0.shape?.byteCount == feed.bytes.count && $0.refusedShapeCount == 0 })
        let honest = Set(([feed.author] + feed.followers).map(\.host.address))
        #expect(feed.followers.allSatisfy { $0.banned.isDisjoint(with: honest) }, "\(replayLine(seed))")
        // The author sends each byte a few times, not thirty times.
        #expect(feed.author.uploadedByteCount < 12 * feed.bytes.count)
    }

    @Test(arguments: SimulationSettings.seeds.prefix(3))
    func `A late follower begins at the live edge, or catches up from the start`(seed: UInt64) throws {
        let feed = try FeedSwarm(seed: seed, followers: 5)
        for _ in 0..<150 { feed.append(upTo: 8 * FeedSwarm.pieceLength) }
        feed.swarm.run(for: .minutes(20)) {
            feed.followers.allSatisfy { $0.isCaughtUp && $0.shape == feed.author.shape }
        }
        let pieceCount = feed.bytes.count / FeedSwarm.pieceLength
        #expect(pieceCount > FeedBlock(holding: 0, of: pieceCount)?.pieceCount ?? 0, "more than one block of nodes")
        let late = feed.addFollower(from: .liveEdge(pieces: 4))
        let patient = feed.addFollower()
        late.start()
        patient.start()
        feed.append()
        feed.finish()
        feed.swarm.run(for: .minutes(20)) { late.isFinished && patient.isFinished }
        #expect(late.isFinished && patient.isFinished, "\(replayLine(seed))")
        #expect(feed.holdsEverything(patient) && patient.shape?.firstPiece == 0, "\(replayLine(seed))")
        let first = late.shape?.firstPiece ?? 0
        #expect(first >= pieceCount - 4 && feed.holdsEverything(late, from: first), "\(replayLine(seed))")
        #expect(late.downloadedByteCount < 12 * FeedSwarm.pieceLength, "what came before is not downloaded")
    }

    @Test(arguments: SimulationSettings.seeds.prefix(3))
    func `An author who signs two feeds is found out, and nobody follows either any more`(seed: UInt64) throws {
        let feed = try FeedSwarm(seed: seed, followers: 8)
        for _ in 0..<5 {
            feed.append()
            feed.swarm.run(for: .seconds(Int64(1)))
        }
        feed.swarm.run(for: .minutes(1))
        let other = FeedContent(signedWith: feed.key, pieceLength: FeedSwarm.pieceLength)
        let double = feed.swarm.add(content: other, capacity: Scenario.link(512))
        double.start()
        for round in 0..<6 {
            let part = [UInt8](repeating: UInt8(round), count: 70_000)
            double.command(.append(part, millisecondsSince1970: 5), of: FeedContent.self)
            feed.swarm.run(for: .seconds(Int64(5)))
        }
        let reached = feed.followers.map { $0.shape?.byteCount }
        feed.append()
        double.command(.append([1, 2, 3], millisecondsSince1970: 6), of: FeedContent.self)
        for _ in 0..<3 { feed.append() }
        feed.swarm.run(for: .minutes(2))
        #expect(feed.followers.map { $0.shape?.byteCount } == reached, "a follower goes on; \(replayLine(seed))")
        let honest = Set(feed.followers.map(\.host.address))
        #expect(feed.followers.allSatisfy { $0.banned.isDisjoint(with: honest) }, "\(replayLine(seed))")
    }

    @Test func `A feed keeps to the rules of contents`() throws {
        var random = SeededRandom(seed: 5)
        let key = Ed25519.PrivateKey(using: &random)
        let parts = (1...12).map {
            FeedContent.Command.append(random.nextBytes(count: 9_000 * $0), millisecondsSince1970: 1)
        }
        let head = try #require(
            FeedHead(byteCount: 16_384, millisecondsSince1970: 0, peaks: [SHA256.hash([])], signedWith: key)
        )
        let block = try #require(FeedBlock(first: 0, height: 1))
        let nodes = [SHA256.hash([1]), SHA256.hash([2])]
        let findings = try checkContent(
            author: FeedContent(signedWith: key, pieceLength: 16_384),
            follower: FeedContent(of: key.publicKey, pieceLength: 16_384),
            commands: parts + [.finish(millisecondsSince1970: 2)],
            messages: [
                FeedMessage.ask(block), .proof(block, nodes: nodes, uncles: nodes), .lacks(first: 0),
                .contradiction(FeedContradiction(head, head, .grewAfterEnd)),
                .contradiction(FeedContradiction(head, head, .changedLeaves(peak: 0, node: nodes[0], uncles: nodes))),
            ].map(\.encoded)
        )
        #expect(findings.isEmpty, "\(findings)")
    }
}
