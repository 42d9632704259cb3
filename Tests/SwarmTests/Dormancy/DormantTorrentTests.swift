// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheStorage
import RucheTransport
import RucheWire
import Synchronization
import Testing

@testable import RucheSwarm

@Suite("Dormant torrents", .serialized, .timeLimit(.minutes(3)))
struct DormantTorrentTests {
    private let ground: Playground

    init() throws { ground = try Playground() }

    /// A session with a state folder that lets seeds become dormant at once.
    private func makeSeed(_ change: (inout SessionConfiguration) -> Void = { _ in }) async throws -> Session {
        try await ground.makeSession("seed") { [ground] in
            $0.stateFolder = ground.at("state")
            $0.limits.idleTimeout = .milliseconds(1)
            change(&$0)
        }
    }

    private func untilDormant(_ torrent: Torrent) async throws {
        while !torrent.isDormant { try await Task.sleep(nanoseconds: 2_000_000) }
    }

    @Test("A seed becomes dormant, and wakes for a stranger", arguments: [TorrentFormat.v1, .v2, .hybrid])
    func stranger(format: TorrentFormat) async throws {
        let metainfo = try await ground.makeTorrent("content", format)
        let seed = try await makeSeed()
        let torrent = try await seed.add(metainfo)
        try await untilDormant(torrent)
        #expect(torrent.currentStatus.state == .seeding && torrent.currentStatus.progress == 1)
        #expect(torrent.currentStatus.pieces?.isComplete == true)
        #expect(await torrent.metainfo?.info.bytes == metainfo.info.bytes)
        let leech = try await ground.makeSession("leech")
        try await leech.add(metainfo, options: .from(seed)).finished()
        #expect(ground.isSame("content/0", in: "leech") && ground.isSame("content/1", in: "leech"))
        await leech.shutdown()
        // The bytes that it uploaded are remembered when it is dormant again.
        try await untilDormant(torrent)
        #expect(torrent.currentStatus.uploadedBytes >= 370_000)
        await seed.shutdown()
    }

    @Test("The metainfo of a dormant torrent is read on the pool, not on the caller's thread")
    func metainfo() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await makeSeed()
        let torrent = try await seed.add(metainfo)
        try await untilDormant(torrent)
        let pool = seed.environment.runtime.blocking
        let gate = DispatchSemaphore(value: 0)
        for _ in 0..<pool.threadCount { pool.run { _ in gate.wait() } }
        let isRead = Mutex(false)
        let reading = Task {
            let read = await torrent.metainfo
            isRead.withLock { $0 = true }
            return read
        }
        while pool.pendingJobs <= pool.threadCount, !isRead.withLock({ $0 }) {
            try await Task.sleep(nanoseconds: 1_000_000)
        }
        #expect(!isRead.withLock { $0 }, "every thread of the pool is taken")
        for _ in 0..<pool.threadCount { gate.signal() }
        #expect(await reading.value?.info.bytes == metainfo.info.bytes)
        await seed.shutdown()
    }

    @Test("It wakes for observers and callers, and is dormant once they are done")
    func calls() async throws {
        let seed = try await makeSeed()
        let torrent = try await seed.add(try await ground.makeTorrent())
        try await untilDormant(torrent)
        let seen = await torrent.wait { $0.state == .seeding && $0.doneBytes == 370_000 }
        #expect(seen?.pieces?.isComplete == true)
        try await untilDormant(torrent)
        try await torrent.recheck()
        try await untilDormant(torrent)
        await torrent.pause()
        try await untilDormant(torrent)
        #expect(torrent.currentStatus.state == .paused)
        await torrent.resume()
        try await untilDormant(torrent)
        #expect(torrent.currentStatus.state == .seeding)
        await seed.shutdown()
    }

    @Test("A restarted session has its torrents without opening them")
    func restart() async throws {
        let first = try await ground.makeTorrent("first")
        let second = try await ground.makeTorrent("second", sizes: [50_000])
        let before = try await makeSeed()
        let one = try await before.add(first)
        let two = try await before.add(second)
        try await untilDormant(one)
        try await untilDormant(two)
        await two.pause()
        await before.shutdown()

        let after = try await makeSeed()
        #expect(after.torrents.map(\.hashes) == [first.info.hashes, second.info.hashes])
        #expect(after.torrents.map(\.currentStatus.state) == [.seeding, .paused])
        #expect(after.torrents.allSatisfy { $0.isDormant })
        await #expect(throws: TorrentError.self) { try await after.add(first) }
        let leech = try await ground.makeSession("leech")
        try await leech.add(first, options: .from(after)).finished()
        #expect(ground.isSame("first/0", in: "leech"))
        try await after.remove(after.torrents[1])
        await leech.shutdown()
        await after.shutdown()

        let last = try await makeSeed()
        #expect(last.torrents.map(\.hashes) == [first.info.hashes])
        #expect(ground.exists("seed/second/0"))
        await last.shutdown()
    }

    @Test("An interrupted download continues by itself")
    func interrupted() async throws {
        let metainfo = try await ground.makeTorrent()
        let before = try await ground.makeSession("leech") { [ground] in $0.stateFolder = ground.at("leech-state") }
        try await before.add(metainfo)
        await before.shutdown()
        let after = try await ground.makeSession("leech") { [ground] in $0.stateFolder = ground.at("leech-state") }
        let torrent = try #require(after.torrents.first)
        let seed = try await ground.makeSession("seed")
        try await seed.add(metainfo).finished()
        torrent.add(peers: seed.endpoints)
        try await torrent.finished()
        #expect(ground.isSame("content/0", in: "leech"))
        await after.shutdown()
        await seed.shutdown()
    }

    @Test("Lost or damaged state fails only its own torrent, until that is resumed")
    func losses() async throws {
        let damaged = try await ground.makeTorrent("damaged")
        let lost = try await ground.makeTorrent("lost")
        let whole = try await ground.makeTorrent("whole")
        let before = try await makeSeed()
        for metainfo in [damaged, lost, whole] { try await untilDormant(try await before.add(metainfo)) }
        await before.shutdown()
        let copy = ground.at("state/\(StateFolder.metainfoName(damaged.info.hashes))")
        var bytes = try #require(FileManager.default.contents(atPath: copy))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: copy))
        try FileManager.default.removeItem(atPath: ground.at("seed/lost/0"))

        let after = try await makeSeed()
        let leech = try await ground.makeSession("leech")
        for metainfo in [damaged, lost] { try await leech.add(metainfo, options: .from(after)) }
        try await leech.add(whole, options: .from(after)).finished()
        #expect(ground.isSame("whole/0", in: "leech"))
        for torrent in after.torrents.prefix(2) {
            while torrent.currentStatus.state == .seeding { try await Task.sleep(nanoseconds: 2_000_000) }
            try await untilDormant(torrent)
        }
        #expect(failure(after.torrents[0])?.storage?.code == .corrupt)
        #expect(failure(after.torrents[1])?.storage?.code == .changed)
        #expect(!ground.exists("seed/lost/0") && !ground.exists("seed/lost/0.part"))
        #expect(after.torrents[2].currentStatus.state == .seeding)
        await after.torrents[1].resume()
        await after.torrents[1].wait { $0.state == .downloading }
        await leech.shutdown()
        await after.shutdown()
    }

    private func failure(_ torrent: Torrent) -> TorrentError? {
        switch torrent.currentStatus.state {
        case .failed(let error), .suspended(let error): error
        default: nil
        }
    }

    @Test("Incoming peers wake no more torrents than the limit allows, the user does", arguments: [0, 1])
    func limit(awakeTorrents: Int) async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await makeSeed { $0.limits.awakeTorrents = awakeTorrents }
        let torrent = try await seed.add(metainfo)
        try await untilDormant(torrent)
        // Answered with a handshake, or closed: it waits for nothing else.
        let answer = await RawStranger.greet(try #require(seed.endpoints.first), metainfo.info.hashes)
        #expect(answer == (awakeTorrents == 0 ? .closed : .greeted))
        if awakeTorrents == 0 { #expect(torrent.isDormant) }
        try await torrent.recheck()
        await seed.shutdown()
    }

    @Test("A dormant seed whose disk is gone is suspended, and seeds again when the disk is back")
    func awayAndBack() async throws {
        let metainfo = try await ground.makeTorrent()
        let change: (inout SessionConfiguration) -> Void = {
            $0.limits.reopeningPause = .milliseconds(20)
            $0.limits.longestReopeningPause = .milliseconds(50)
        }
        let seed = try await makeSeed(change)
        let torrent = try await seed.add(metainfo)
        try await untilDormant(torrent)
        try FileManager.default.moveItem(atPath: ground.at("seed/content"), toPath: ground.at("away"))
        let suspended = await torrent.wait { if case .suspended = $0.state { true } else { false } }
        if case .suspended(let error) = suspended?.state { #expect(error.storage?.code == .changed) }
        try await untilDormant(torrent)
        try FileManager.default.moveItem(atPath: ground.at("away"), toPath: ground.at("seed/content"))
        while torrent.currentStatus.state != .seeding { try await Task.sleep(nanoseconds: 2_000_000) }
        let leech = try await ground.makeSession("leech")
        try await leech.add(metainfo, options: .from(seed)).finished()
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("One state folder serves one session")
    func locked() async throws {
        let first = try await makeSeed()
        await #expect(throws: StorageError.self) { try await makeSeed() }
        await first.shutdown()
        await (try await makeSeed()).shutdown()
    }
}

extension Torrent {
    fileprivate var isDormant: Bool {
        state.withLock { if case .dormant = $0.form { $0.beginning == nil } else { false } }
    }
}
