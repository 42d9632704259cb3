// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheStorage
import RucheSwarm
import RucheTesting
import RucheWire
import Testing

@Suite("Sessions and their disks", .serialized, .timeLimit(.minutes(3)))
struct SessionDiskTests {
    private let ground: Playground

    init() throws { ground = try Playground() }

    private func failure(_ status: TorrentStatus?) -> TorrentError? {
        if case .failed(let error) = status?.state { error } else { nil }
    }

    @Test("A store of one's own serves as well as files")
    func customStore() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSession("seed")
        let leech = try await ground.makeSession("leech")
        try await seed.add(metainfo).finished()
        let store = MemoryStore(metainfo.info.geometry)
        try await leech.add(metainfo, options: .from(seed) { $0.store = store }).finished()
        #expect(store.count == metainfo.info.geometry.pieceCount && !ground.exists("leech/content"))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A full disk fails its torrent, and it goes on once there is room")
    func fullDisk() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSession("seed")
        let leech = try await ground.makeSession("leech")
        try await seed.add(metainfo).finished()
        var faults = FaultyStore.Faults()
        faults.capacityBytes = 100_000
        let store = FaultyStore(MemoryStore(metainfo.info.geometry), faults: faults)
        let torrent = try await leech.add(metainfo, options: .from(seed) { $0.store = store })
        let failed = await torrent.wait { if case .failed = $0.state { true } else { false } }
        #expect(failure(failed)?.code == .storage)
        await #expect(throws: TorrentError.self) { try await torrent.finished() }
        store.faults = FaultyStore.Faults()
        await torrent.resume()
        torrent.add(peers: seed.endpoints)
        try await torrent.finished()
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A folder that cannot be made fails its torrent, with the path in its words")
    func badFolder() async throws {
        let metainfo = try await ground.makeTorrent()
        try Data([1]).write(to: URL(fileURLWithPath: ground.at("file")))
        let session = try await ground.makeSession("leech")
        var options = AddOptions()
        options.folder = ground.at("file/below")
        let torrent = try await session.add(metainfo, options: options)
        let failed = await torrent.wait { if case .failed = $0.state { true } else { false } }
        #expect(failure(failed)?.reason.contains("file") == true)
        await session.shutdown()
    }

    @Test("A seed whose store fails is failed, and its neighbour goes on")
    func lostFile() async throws {
        let lost = try await ground.makeTorrent("lost")
        let kept = try await ground.makeTorrent("kept")
        let seed = try await ground.makeSession("seed")
        let leech = try await ground.makeSession("leech")
        let files = FaultyStore(try FileStore(lost.info, in: ground.at("seed"), options: .readOnly))
        var options = AddOptions()
        options.store = files
        let failing = try await seed.add(lost, options: options)
        try await failing.finished()
        try await seed.add(kept).finished()
        var faults = FaultyStore.Faults()
        for read in files.counts.reads + 1..<files.counts.reads + 1_000 { faults.failingReads[read] = .missing }
        files.faults = faults
        let waiting = try await leech.add(lost, options: .from(seed))
        let failed = await failing.wait { if case .failed = $0.state { true } else { false } }
        #expect(failure(failed)?.storage != nil)
        try await leech.add(kept, options: .from(seed)).finished()
        #expect(ground.isSame("kept/0", in: "leech") && waiting.currentStatus.doneBytes == 0)
        await leech.shutdown()
        await seed.shutdown()
    }
}
