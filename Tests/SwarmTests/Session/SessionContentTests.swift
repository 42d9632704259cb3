// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheStorage
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Content of an app's own in a session", .serialized, .timeLimit(.minutes(3)))
struct SessionContentTests {
    private static let pieceLength = 32_768

    private let ground: Playground
    private let key: Ed25519.PrivateKey
    private let records: [[UInt8]]

    init() throws {
        ground = try Playground()
        var random = SecureRandom()
        key = Ed25519.PrivateKey(using: &random)
        records = (0..<6).map { number in
            (0..<Self.pieceLength).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
        }
    }

    private var log: SignedLog { SignedLog(of: key.publicKey, pieceLength: Self.pieceLength) }
    private var ownLog: SignedLog { SignedLog(signedWith: key, pieceLength: Self.pieceLength) }
    private var store: MemoryStore { MemoryStore(PieceGeometry(pieceLength: Self.pieceLength, totalSize: 0)) }

    private func options(from session: Session) -> ContentOptions {
        var options = ContentOptions()
        options.peers = session.endpoints
        return options
    }

    /// Reads until the log has ended, or as many records are stored.
    private func wait(_ reports: AsyncStream<SignedLog.Report>, for count: Int) async {
        var stored: Set<Int> = []
        for await report in reports {
            if case .stored(let number) = report { stored.insert(number) }
            if stored.count == count { return }
        }
    }

    /// Looks until so many records are stored.
    private func wait(for count: Int, in content: SharedContent<SignedLog>) async throws {
        while try await content.status().pieces?.setCount != count { try await Task.sleep(nanoseconds: 10_000_000) }
    }

    @Test("What one writes comes to the others as it is written, and to one that joins late")
    func log() async throws {
        let (author, follower) = (try await ground.makeSession("a"), try await ground.makeSession("b"))
        let written = try await author.add(content: ownLog, store: store)
        let followed = try await follower.add(content: log, store: store, options: options(from: author))
        for record in records.prefix(5) { try await written.send(.append(record)) }
        try await wait(for: 5, in: followed)
        #expect(try await followed.read(PieceIndex(4)) == records[4])
        let status = try await followed.status()
        #expect(status.isCaughtUp && status.shape?.isClosed == false)
        try await written.send(.finish(Array(records[5].prefix(100))))
        try await wait(for: 6, in: followed)
        let late = try await ground.makeSession("c")
        let whole = try await late.add(content: log, store: store, options: options(from: follower))
        try await wait(for: 6, in: whole)
        #expect(try await whole.read(PieceIndex(5)) == Array(records[5].prefix(100)))
        #expect(try await whole.status().pieces?.isComplete == true)
        for session in [author, follower, late] { await session.shutdown() }
    }

    @Test("What the store holds already is not fetched again, and what it holds wrong is")
    func resumption() async throws {
        let session = try await ground.makeSession("a")
        let kept = store
        let written = try await session.add(content: ownLog, store: kept)
        let reports = written.reports
        for record in records.prefix(3) { try await written.send(.append(record)) }
        await wait(reports, for: 3)
        await written.leave()
        await #expect(throws: TorrentError.self) { try await written.send(.append(records[3])) }
        var known = ownLog
        for (number, record) in records.prefix(3).enumerated() { known.restore(number, record) }
        kept.drop(PieceIndex(1))
        let again = try await session.add(content: known, store: kept)
        #expect(try await again.status().pieces?.indices.map(\.int) == [0, 2])
        #expect(try await again.read(PieceIndex(2)) == records[2])
        await #expect(throws: TorrentError.self) { try await again.read(PieceIndex(3)) }
        await session.shutdown()
    }

    @Test("What was recorded as stored is not read again, and what came since is recorded too")
    func record() async throws {
        let session = try await ground.makeSession("a")
        let kept = store
        var options = ContentOptions()
        options.resumePath = ground.at("log.resume")
        var known = ownLog
        for round in 0..<2 {
            let written = try await session.add(content: known, store: kept, options: options)
            #expect(try await written.status().pieces?.setCount == 2 * round)
            let reports = written.reports
            let new = records[2 * round..<2 * round + 2]
            for record in new { try await written.send(.append(record)) }
            await wait(reports, for: 2)
            await written.leave()
            for (number, record) in new.enumerated() { known.restore(2 * round + number, record) }
        }
        // It is believed, so what the store has lost meanwhile is not noticed.
        kept.drop(PieceIndex(1))
        let again = try await session.add(content: known, store: kept, options: options)
        #expect(try await again.status().pieces?.setCount == 4)
        await session.shutdown()
    }

    @Test("A swarm is shared once, and ends with its session")
    func duplicate() async throws {
        let session = try await ground.makeSession("a")
        let first = try await session.add(content: EmptyContent(log.hashes), store: store)
        await #expect(throws: TorrentError.self) { try await session.add(content: ownLog, store: store) }
        await first.leave()
        let second = try await session.add(content: ownLog, store: store)
        await session.shutdown()
        await #expect(throws: TorrentError.self) { try await second.status() }
        await #expect(throws: TorrentError.self) { try await session.add(content: ownLog, store: store) }
        for await _ in second.reports {}
    }

    @Test("Peers of an empty swarm meet, and stay")
    func topic() async throws {
        let (one, other) = (try await ground.makeSession("a"), try await ground.makeSession("b"))
        let topic = EmptyContent(InfoHashes(v1: SHA1.hash([1])))
        let here = try await one.add(content: topic, store: store)
        _ = try await other.add(content: topic, store: store, options: options(from: one))
        while try await here.status().peers.isEmpty { try await Task.sleep(nanoseconds: 10_000_000) }
        await one.shutdown()
        await other.shutdown()
    }
}
