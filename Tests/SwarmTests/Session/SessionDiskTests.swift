// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheStorage
import RucheSwarm
import RucheTesting
import RucheTransport
import RucheWire
import Testing

@Suite("Sessions and their disks", .serialized, .timeLimit(.minutes(3)))
struct SessionDiskTests {
    private let ground: Playground

    init() throws { ground = try Playground() }

    private func failure(_ status: TorrentStatus?) -> TorrentError? {
        switch status?.state {
        case .failed(let error), .suspended(let error): error
        default: nil
        }
    }

    @Test("A recheck requested during another one follows it")
    func recheckDuringRecheck() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSeed(metainfo)
        let leech = try await ground.makeSession("leech")
        let store = FaultyStore(MemoryStore(metainfo.info.geometry))
        let torrent = try await leech.add(metainfo, options: .from(seed) { $0.makeStore = { _ in store } })
        try await torrent.finished()
        await seed.shutdown()
        let before = store.counts.reads
        try await torrent.recheck()
        let one = store.counts.reads - before
        async let first: Void = torrent.recheck()
        async let second: Void = torrent.recheck()
        _ = try await (first, second)
        #expect(one > 0 && store.counts.reads - before == 3 * one)
        await leech.shutdown()
    }

    @Test("A custom store works as well as files")
    func customStore() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSession("seed")
        let leech = try await ground.makeSession("leech")
        try await seed.add(metainfo).finished()
        let store = MemoryStore(metainfo.info.geometry)
        try await leech.add(metainfo, options: .from(seed) { $0.makeStore = { _ in store } }).finished()
        #expect(store.count == metainfo.info.geometry.pieceCount && !ground.exists("leech/content"))
        await leech.shutdown()
        await seed.shutdown()
    }

    /// A session for which a disk that has failed for a tenth of a second is in trouble.
    private func makeSession(_ folder: String) async throws -> Session {
        try await ground.makeSession(folder) {
            $0.limits.diskPatience = .milliseconds(100)
            $0.limits.diskRetryPause = .milliseconds(50)
            $0.limits.reopeningPause = .milliseconds(50)
            $0.limits.longestReopeningPause = .milliseconds(100)
        }
    }

    private func isSuspended(_ status: TorrentStatus) -> Bool {
        if case .suspended = status.state { true } else { false }
    }

    @Test("Both sides survive a store that throws once in any operation")
    func oneBadMoment() async throws {
        let metainfo = try await ground.makeTorrent("content", .v2)
        let seed = try await ground.makeSession("seed")
        let leech = try await ground.makeSession("leech")
        let given = FaultyStore(try FileStore(metainfo.info, in: ground.at("seed"), options: .readOnly))
        let seeding = try await seed.add(metainfo, options: with(given))
        try await seeding.finished()
        var faults = FaultyStore.Faults()
        faults.failingReads = [given.counts.reads + 1: .io, given.counts.reads + 3: .missing]
        given.faults = faults
        faults = FaultyStore.Faults()
        faults.failingWrites = [1: .io, 2: .diskFull, 5: .tooManyOpenFiles]
        let taken = FaultyStore(MemoryStore(metainfo.info.geometry), faults: faults)
        let torrent = try await leech.add(metainfo, options: .from(seed) { $0.makeStore = { _ in taken } })
        try await torrent.finished()
        #expect(taken.counts.writes > 5 && given.counts.reads > 3, "the faults occurred")
        #expect(seeding.currentStatus.state == .seeding && torrent.currentStatus.wastedBytes == 0)
        await leech.shutdown()
        await seed.shutdown()
    }

    private func with(_ store: any PieceStore) -> AddOptions {
        var options = AddOptions()
        options.makeStore = { _ in store }
        return options
    }

    @Test("A full disk suspends its torrent, which continues by itself once there is room")
    func fullDisk() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSession("seed")
        let leech = try await makeSession("leech")
        try await seed.add(metainfo).finished()
        var faults = FaultyStore.Faults()
        faults.capacityBytes = 100_000
        let store = FaultyStore(MemoryStore(metainfo.info.geometry), faults: faults)
        let torrent = try await leech.add(metainfo, options: .from(seed) { $0.makeStore = { _ in store } })
        let suspended = await torrent.wait(until: isSuspended)
        #expect(failure(suspended)?.storage?.code == .diskFull)
        #expect(failure(suspended)?.storage?.path.contains("piece") == true, "it names the file")
        await #expect(throws: TorrentError.self) { try await torrent.finished() }
        store.faults = FaultyStore.Faults()
        await torrent.wait { $0.isComplete }
        #expect(torrent.currentStatus.wastedBytes == 0, "nothing was downloaded twice")
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A failed flush is repeated later, and a suspended torrent can be paused, resumed and shut down")
    func flushes() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSession("seed")
        let leech = try await makeSession("leech")
        try await seed.add(metainfo).finished()
        var faults = FaultyStore.Faults()
        faults.everyWrite = .permission
        faults.everyFlush = .io
        let store = FaultyStore(MemoryStore(metainfo.info.geometry), faults: faults)
        let torrent = try await leech.add(metainfo, options: .from(seed) { $0.makeStore = { _ in store } })
        await torrent.wait(until: isSuspended)
        await torrent.pause()
        #expect(torrent.currentStatus.state == .paused)
        await torrent.resume()
        torrent.add(peers: seed.endpoints)
        await torrent.wait(until: isSuspended)
        await leech.shutdown()
        #expect(await torrent.wait { _ in false } == nil)
        await seed.shutdown()
    }

    @Test("A seed whose folder is gone is suspended, and seeds again when the folder is back")
    func absentFolder() async throws {
        let metainfo = try await ground.makeTorrent()
        let session = try await makeSession("away")
        var options = AddOptions()
        options.isReadOnly = true
        let torrent = try await session.add(metainfo, options: options)
        let suspended = await torrent.wait(until: isSuspended)
        #expect(failure(suspended)?.storage?.code == .missing)
        try FileManager.default.moveItem(atPath: ground.at("seed"), toPath: ground.at("away"))
        await torrent.wait { $0.isComplete }
        await session.shutdown()
    }

    @Test("A full thread pool delays a torrent, and does not fail it", arguments: [1, 2])
    func fullPool(jobs: Int) async throws {
        let metainfo = try await ground.makeTorrent("content", .hybrid, sizes: [3_000_000, 70_000])
        let small: (inout SessionConfiguration) -> Void = { $0.transportLimits.blockingJobs = jobs }
        let seed = try await ground.makeSession("seed", small)
        let leech = try await ground.makeSession("leech", small)
        try await seed.add(metainfo).finished()
        try await leech.add(metainfo, options: .from(seed)).finished()
        #expect(ground.isSame("content/0", in: "leech") && ground.isSame("content/1", in: "leech"))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A folder that cannot be created suspends its torrent, and the error contains the path")
    func badFolder() async throws {
        let metainfo = try await ground.makeTorrent()
        try Data([1]).write(to: URL(fileURLWithPath: ground.at("file")))
        let session = try await ground.makeSession("leech")
        var options = AddOptions()
        options.folder = ground.at("file/below")
        let torrent = try await session.add(metainfo, options: options)
        let suspended = await torrent.wait(until: isSuspended)
        #expect(failure(suspended)?.reason.contains("file") == true)
        await session.shutdown()
    }

    @Test(
        "A seed whose store fails for long is suspended and says so; others go on, and so does it in the end"
    )
    func lostFile() async throws {
        let lost = try await ground.makeTorrent("lost")
        let kept = try await ground.makeTorrent("kept")
        let seed = try await makeSession("seed")
        let leech = try await ground.makeSession("leech")
        let files = FaultyStore(try FileStore(lost.info, in: ground.at("seed"), options: .readOnly))
        let failing = try await seed.add(lost, options: with(files))
        try await failing.finished()
        try await seed.add(kept).finished()
        var faults = FaultyStore.Faults()
        faults.everyRead = .missing
        files.faults = faults
        let waiting = try await leech.add(lost, options: .from(seed))
        let suspended = await failing.wait(until: isSuspended)
        #expect(failure(suspended)?.storage?.code == .missing)
        try await leech.add(kept, options: .from(seed)).finished()
        #expect(ground.isSame("kept/0", in: "leech") && waiting.currentStatus.doneBytes == 0)
        files.faults = FaultyStore.Faults()
        await failing.wait { $0.state == .seeding }
        waiting.add(peers: seed.endpoints)
        try await waiting.finished()
        await leech.shutdown()
        await seed.shutdown()
    }
}
