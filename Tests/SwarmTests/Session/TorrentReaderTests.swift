// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheStorage
import RucheSwarm
import RucheWire
import Testing

@Suite("Reading during a download", .serialized, .timeLimit(.minutes(3)))
struct TorrentReaderTests {
    private let ground: Playground

    init() throws { ground = try Playground() }

    private func read(_ reader: TorrentReader) async throws -> Data {
        var bytes = Data()
        for try await chunk in reader { bytes.append(contentsOf: chunk) }
        return bytes
    }

    @Test(
        "A file is read in order while it downloads, and part of it once it is complete",
        arguments: [TorrentFormat.v1, .v2, .hybrid]
    )
    func whileDownloading(format: TorrentFormat) async throws {
        let metainfo = try await ground.makeTorrent("content", format, sizes: [100_000, 1_300_001])
        let seed = try await ground.makeSeed(metainfo)
        let leech = try await ground.makeSession("leech")
        let torrent = try await leech.add(metainfo, options: .from(seed))
        let file = try #require(metainfo.info.files.firstIndex { $0.name == "1" })
        let original = try #require(ground.bytes("seed/content/1"))
        #expect(try await read(torrent.read(file: file)) == original)
        try await torrent.finished()
        #expect(try await read(torrent.read(file: file, range: 32_767..<70_001)) == original[32_767..<70_001])
        #expect(try await read(torrent.read(file: file, range: 5..<5)).isEmpty)
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A reader waits for a magnet link's metadata, and while the torrent is paused")
    func waits() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSeed(metainfo)
        let leech = try await ground.makeSession("leech")
        let torrent = try await leech.add(MagnetLink(metainfo), options: .from(seed) { $0.isPaused = true })
        async let bytes = read(torrent.read(file: 0))
        await torrent.resume()
        #expect(try await bytes == ground.bytes("seed/content/0"))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A waiting reader fails when the torrent is removed, and a cancelled one ends")
    func ends() async throws {
        let metainfo = try await ground.makeTorrent()
        let leech = try await ground.makeSession("leech")
        let torrent = try await leech.add(metainfo)
        let waiting = Task { try await read(torrent.read(file: 0)) }
        let cancelled = Task { try await read(torrent.read(file: 1)) }
        _ = await torrent.wait { $0.state == .downloading }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        try await leech.remove(torrent)
        let error = await #expect(throws: TorrentError.self) { try await waiting.value }
        #expect(error?.code == .removed)
        await leech.shutdown()
    }

    @Test("A read that is impossible says why")
    func errors() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSeed(metainfo)
        let leech = try await ground.makeSession("leech")
        let torrent = try await leech.add(metainfo, options: .from(seed) { $0.filePriorities = [1: .skip] })
        try await torrent.finished()
        func code(_ reader: TorrentReader) async -> TorrentError.Code? {
            await #expect(throws: TorrentError.self) { try await read(reader) }?.code
        }
        #expect(await code(torrent.read(file: 2)) == .noSuchFile)
        #expect(await code(torrent.read(file: 0, range: 0..<300_001)) == .noSuchFile)
        #expect(await code(torrent.read(file: 1)) == .notWanted)
        // Once the file is wanted it can be read.
        try await torrent.setPriorities([1: .normal])
        #expect(try await read(torrent.read(file: 1)) == ground.bytes("seed/content/1"))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("Each file has its progress, its priority and its path")
    func files() async throws {
        let metainfo = try await ground.makeTorrent("content", .hybrid)
        let seed = try await ground.makeSeed(metainfo)
        let leech = try await ground.makeSession("leech")
        let torrent = try await leech.add(metainfo, options: .from(seed) { $0.isPaused = true })
        _ = await torrent.wait { $0.state == .paused }
        let before = try await torrent.files
        #expect(before.map(\.path) == ["content/0", "content/1"] && before.map(\.size) == [300_000, 70_000])
        #expect(before.allSatisfy { $0.doneBytes == 0 && $0.location == nil && $0.priority == .normal })
        try await torrent.setPriorities([before[1].id: .skip])
        await torrent.resume()
        try await torrent.finished()
        let after = try await torrent.files
        #expect(after[0].isComplete && after[0].progress == 1 && after[0].location == ground.at("leech/content/0"))
        #expect(!after[1].isComplete && after[1].priority == .skip && after[1].location == nil)
        await leech.shutdown()
        await seed.shutdown()
    }
}
