// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheStorage
import RucheSwarm
import RucheWire
import Testing

@Suite("The user's own files, and lost files", .serialized, .timeLimit(.minutes(3)))
struct SessionFilesTests {
    private let ground: Playground

    init() throws { ground = try Playground() }

    /// A session that seeds `metainfo`, and one that downloads it.
    private func pair(_ metainfo: Metainfo) async throws -> (seed: Session, leech: Session) {
        let seed = try await ground.makeSeed(metainfo)
        return (seed, try await ground.makeSession("leech"))
    }

    private func put(_ name: String, _ bytes: Data) throws {
        let folder = URL(fileURLWithPath: ground.at(name)).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try bytes.write(to: URL(fileURLWithPath: ground.at(name)))
    }

    private func failure(of torrent: Torrent) async -> StorageError? {
        let status = await torrent.wait {
            switch $0.state {
            case .failed, .seeding: true
            default: false
            }
        }
        if case .failed(let error) = status?.state { return error.storage }
        return nil
    }

    @Test("The user's decision about existing files holds across a restart, until the torrent is complete")
    func overwritingAfterRestart() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSeed(metainfo)
        let state = ground.at("state")
        let first = try await ground.makeSession("leech") { $0.stateFolder = state }
        try await first.add(metainfo, options: .from(seed) { ($0.overwritesFiles, $0.isPaused) = (true, true) })
        await first.shutdown()
        try put("leech/content/1", Data("in the way, and longer than nothing".utf8))
        let second = try await ground.makeSession("leech") { $0.stateFolder = state }
        let torrent = try #require(second.torrents.first)
        await torrent.resume()
        torrent.add(peers: seed.endpoints)
        try await torrent.finished()
        #expect(ground.isSame("content/1", in: "leech"))
        await second.shutdown()
        await seed.shutdown()
    }

    @Test("An unrelated file stops a download, and is overwritten only if the user says so")
    func foreignFile() async throws {
        let metainfo = try await ground.makeTorrent()
        let (seed, leech) = try await pair(metainfo)
        let mine = Data("mine, and longer than nothing".utf8)
        try put("leech/content/1", mine)
        let torrent = try await leech.add(metainfo, options: .from(seed))
        let error = await failure(of: torrent)
        #expect(error?.code == .occupied && error?.path == ground.at("leech/content/1"))
        #expect(ground.bytes("leech/content/1") == mine && !ground.exists("leech/content/0"))
        // A second attempt finds a journal, which does not mention the file.
        await torrent.resume()
        #expect(await failure(of: torrent)?.code == .occupied)
        try await leech.remove(torrent, deletingData: true)
        #expect(ground.bytes("leech/content/1") == mine)

        let bold = try await leech.add(metainfo, options: .from(seed) { $0.overwritesFiles = true })
        try await bold.finished()
        #expect(ground.isSame("content/0", in: "leech") && ground.isSame("content/1", in: "leech"))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A file with a correct piece is continued, and an unwanted one is left alone")
    func partlyThere() async throws {
        let metainfo = try await ground.makeTorrent()
        let (seed, leech) = try await pair(metainfo)
        try put("leech/content/0", #require(ground.bytes("seed/content/0")).prefix(100_000))
        try put("leech/content/1", Data("mine".utf8))
        let options = AddOptions.from(seed) { $0.onlyPaths = ["content/0"] }
        let torrent = try await leech.add(metainfo, options: options)
        try await torrent.finished()
        #expect(torrent.currentStatus.downloadedBytes < 300_000)
        #expect(ground.isSame("content/0", in: "leech"))
        #expect(ground.bytes("leech/content/1") == Data("mine".utf8))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A file removed during a download is downloaded again", arguments: ["content/0", "content/1"])
    func removedFile(name: String) async throws {
        let metainfo = try await ground.makeTorrent(sizes: [2_000_000, 70_000])
        let (seed, leech) = try await pair(metainfo)
        let torrent = try await leech.add(metainfo, options: .from(seed) { $0.isPaused = true })
        await torrent.wait { $0.state == .paused && $0.pieces != nil }
        torrent.setRates(downloadBytesPerSecond: 400_000, uploadBytesPerSecond: nil)
        await torrent.resume()
        torrent.add(peers: seed.endpoints)
        let paths = ["leech/\(name)", "leech/\(name).part"]
        var isRemoved = false
        while !isRemoved {
            for path in paths where (try? FileManager.default.removeItem(atPath: ground.at(path))) != nil {
                isRemoved = true
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        torrent.setRates(downloadBytesPerSecond: nil, uploadBytesPerSecond: nil)
        try await torrent.finished()
        for file in ["content/0", "content/1"] { #expect(ground.isSame(file, in: "leech")) }
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A file that appears under the final name is not mistaken for the download's")
    func appearingFile() async throws {
        let metainfo = try await ground.makeTorrent(sizes: [300_000])
        let (seed, leech) = try await pair(metainfo)
        let torrent = try await leech.add(metainfo)
        while !ground.exists("leech/.ruche") { try await Task.sleep(for: .milliseconds(5)) }
        await torrent.wait { $0.state == .downloading }
        try put("leech/content/0", Data("mine".utf8))
        torrent.add(peers: seed.endpoints)
        let error = await failure(of: torrent)
        #expect(error?.code == .occupied)
        #expect(ground.bytes("leech/content/0") == Data("mine".utf8))
        try FileManager.default.removeItem(atPath: ground.at("leech/content/0"))
        await torrent.resume()
        torrent.add(peers: seed.endpoints)
        try await torrent.finished()
        #expect(ground.isSame("content/0", in: "leech") && !ground.exists("leech/content/0.part"))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A custom store keeps its pieces when another one is missing")
    func customStore() async throws {
        let metainfo = try await ground.makeTorrent(sizes: [1_000_000])
        let store = MemoryStore(metainfo.info.geometry)
        let data = try #require(ground.bytes("seed/content/0"))
        for piece in 0..<metainfo.info.geometry.pieceCount where piece != 1 {
            let bytes = data.dropFirst(piece * 32_768).prefix(32_768)
            try bytes.withUnsafeBytes { try store.write(piece: PieceIndex(piece), offset: 0, chunks: [$0]) }
        }
        let session = try await ground.makeSession("leech")
        var options = AddOptions()
        options.makeStore = { _ in store }
        let torrent = try await session.add(metainfo, options: options)
        let status = await torrent.wait { $0.state == .downloading && $0.pieces != nil }
        #expect(status?.pieces?.setCount == metainfo.info.geometry.pieceCount - 1)
        try await torrent.recheck()
        #expect(torrent.currentStatus.pieces?.setCount == metainfo.info.geometry.pieceCount - 1)
        await session.shutdown()
    }
}
