// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import RucheStorage
import RucheSwarm
import RucheTesting
import RucheTransport
import RucheWire
import ServiceLifecycle
import Testing

@Suite("Sessions over loopback", .serialized, .timeLimit(.minutes(3)))
struct SessionTests {
    private let ground: Playground

    init() throws { ground = try Playground() }

    @Test(
        "A torrent goes from one session to another",
        arguments: [TorrentFormat.v1, .v2, .hybrid],
        [false, true]
    )
    func transfer(format: TorrentFormat, isMagnet: Bool) async throws {
        let metainfo = try await ground.makeTorrent("content", format)
        let seed = try await ground.makeSession("seed")
        let leech = try await ground.makeSession("leech")
        try await seed.add(metainfo).finished()
        let options = AddOptions.from(seed)
        let torrent =
            isMagnet
            ? try await leech.add(MagnetLink(metainfo), options: options)
            : try await leech.add(metainfo, options: options)
        try await torrent.finished()
        #expect(torrent.currentStatus.progress == 1)
        #expect(ground.isSame("content/0", in: "leech") && ground.isSame("content/1", in: "leech"))
        // A recheck also judges by piece layers that came from peers.
        try await torrent.recheck()
        try await torrent.finished()
        #expect(torrent.currentStatus.pieces?.isComplete == true)
        await leech.shutdown()
        await seed.shutdown()
        await seed.shutdown()
    }

    @Test("A session uses the transports that it is given, whatever they are")
    func transports() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSession("seed") { $0.transports = [.renamedTCP] }
        let leech = try await ground.makeSession("leech") { $0.transports = [.renamedTCP] }
        #expect(!seed.endpoints.isEmpty)
        try await seed.add(metainfo).finished()
        let torrent = try await leech.add(metainfo, options: .from(seed))
        try await torrent.finished()
        #expect(ground.isSame("content/0", in: "leech"))
        await leech.shutdown()
        await seed.shutdown()
        let none = try await ground.makeSession("none") { $0.transports = [] }
        #expect(none.endpoints.isEmpty)
        await none.shutdown()
    }

    @Test("Pausing stops, resuming continues, and resuming twice opens once")
    func pause() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSession("seed")
        let leech = try await ground.makeSession("leech")
        try await seed.add(metainfo).finished()
        let torrent = try await leech.add(metainfo, options: .from(seed) { $0.isPaused = true })
        await torrent.wait { $0.state == .paused }
        #expect(torrent.currentStatus.peers.isEmpty)
        await torrent.resume()
        await torrent.resume()
        try await torrent.finished()
        #expect(ground.isSame("content/0", in: "leech"))
        await torrent.pause()
        #expect(torrent.currentStatus.state == .paused)
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("Removing keeps the data or deletes it", arguments: [false, true])
    func remove(deletingData: Bool) async throws {
        let metainfo = try await ground.makeTorrent()
        let session = try await ground.makeSession("seed")
        let torrent = try await session.add(metainfo)
        try await torrent.finished()
        await #expect(throws: TorrentError.self) { try await session.add(metainfo) }
        try await session.remove(torrent, deletingData: deletingData)
        #expect(ground.exists("seed/content/0") == !deletingData)
        #expect(session.torrents.isEmpty)
        #expect(await torrent.wait { _ in false } == nil)
        await session.shutdown()
    }

    @Test("With one active torrent, the second waits for the first, and gets its turn")
    func queue() async throws {
        let first = try await ground.makeTorrent("first")
        let second = try await ground.makeTorrent("second", sizes: [50_000])
        let seed = try await ground.makeSession("seed")
        let leech = try await ground.makeSession("leech") { $0.limits.activeDownloads = 1 }
        // The first has no peer to download from yet.
        let one = try await leech.add(first)
        try await seed.add(second).finished()
        let two = try await leech.add(second, options: .from(seed))
        await one.wait { $0.state == .downloading }
        await two.wait { $0.state == .queued }
        #expect(two.currentStatus.doneBytes == 0)
        try await seed.add(first).finished()
        one.add(peers: seed.endpoints)
        try await one.finished()
        try await two.finished()
        #expect(ground.isSame("first/0", in: "leech") && ground.isSame("second/0", in: "leech"))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A skipped file is downloaded once it is wanted")
    func selection() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSession("seed")
        let leech = try await ground.makeSession("leech")
        try await seed.add(metainfo).finished()
        let torrent = try await leech.add(metainfo, options: .from(seed) { $0.onlyPaths = ["1"] })
        try await torrent.finished()
        #expect(ground.isSame("content/1", in: "leech") && !ground.exists("leech/content/0"))
        #expect(torrent.currentStatus.totalBytes == 70_000)
        // Wanting files that are complete leaves the torrent complete.
        try await torrent.setPriorities([1: .high])
        #expect(torrent.currentStatus.state == .seeding)
        try await torrent.setPriorities([0: .normal])
        #expect(torrent.currentStatus.state == .downloading)
        torrent.add(peers: seed.endpoints)
        try await torrent.finished()
        #expect(ground.isSame("content/0", in: "leech"))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A recheck finds damaged pieces, and they are downloaded again")
    func recheckAfterDamage() async throws {
        try await recheck { path in
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try file.seek(toOffset: 100_000)
            let byte = try #require(try file.read(upToCount: 1)?.first)
            try file.seek(toOffset: 100_000)
            try file.write(contentsOf: [byte ^ 1])
            try file.close()
        }
    }

    @Test("A recheck finds that a file was deleted, and it is downloaded again")
    func recheckAfterDeletion() async throws {
        try await recheck { try FileManager.default.removeItem(atPath: $0) }
    }

    /// Damages the first file of a complete torrent, rechecks it, and sees it complete again.
    private func recheck(after harm: (String) throws -> Void) async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSession("seed")
        let leech = try await ground.makeSession("leech")
        try await seed.add(metainfo).finished()
        let torrent = try await leech.add(metainfo, options: .from(seed))
        try await torrent.finished()
        await torrent.pause()
        try harm(ground.at("leech/content/0"))
        try await torrent.recheck()
        await torrent.wait { $0.pieces?.isComplete == false }
        await torrent.resume()
        torrent.add(peers: seed.endpoints)
        try await torrent.finished()
        #expect(torrent.currentStatus.state == .seeding)
        #expect(ground.isSame("content/0", in: "leech") && ground.isSame("content/1", in: "leech"))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("After a shutdown nothing is downloaded again")
    func restart() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSession("seed")
        try await seed.add(metainfo).finished()
        let first = try await ground.makeSession("leech")
        try await first.add(metainfo, options: .from(seed)).finished()
        await first.shutdown()
        let second = try await ground.makeSession("leech")
        let torrent = try await second.add(metainfo, options: .from(seed))
        try await torrent.finished()
        #expect(torrent.currentStatus.downloadedBytes == 0)
        await second.shutdown()
        await seed.shutdown()
        await #expect(throws: TorrentError.self) { try await second.add(metainfo) }
    }

    @Test("Rate limits slow a transfer down, but do not stop it")
    func rateLimits() async throws {
        let metainfo = try await ground.makeTorrent(sizes: [400_000])
        let seed = try await ground.makeSession("seed") { $0.uploadLimitBytesPerSecond = 300_000 }
        let leech = try await ground.makeSession("leech") { $0.downloadLimitBytesPerSecond = 250_000 }
        try await seed.add(metainfo).finished()
        let began = Instant.now
        try await leech.add(metainfo, options: .from(seed)).finished()
        // It takes that long on any machine: a slow one only takes longer.
        #expect(Instant.now - began > .milliseconds(300))
        #expect(ground.isSame("content/0", in: "leech"))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A session is a service: it ends when its task is cancelled")
    func service() async throws {
        let session = try await ground.makeSession("seed")
        let torrent = try await session.add(try await ground.makeTorrent())
        let task = Task { try await session.run() }
        try await torrent.finished()
        task.cancel()
        try await task.value
        #expect(await torrent.wait { _ in false } == nil)
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: try await ground.makeSession("seed"))], logger: .silent)
        )
        let running = Task { try await group.run() }
        await group.triggerGracefulShutdown()
        try await running.value
    }
}

extension TransportRecipe {
    /// TCP under another name, built from public API.
    fileprivate static let renamedTCP = Self(TransportKind("renamed")) { context in
        RenamedTransport(TCPTransport(.init(binding: context.binding, port: context.port), runtime: context.runtime))
    }
}

private struct RenamedTransport: PeerTransport {
    let kind = TransportKind("renamed")
    private let inner: TCPTransport

    init(_ inner: TCPTransport) { self.inner = inner }

    func canReach(_ remote: PeerEndpoint) -> Bool { inner.canReach(remote) }

    func dial(
        _ dial: PeerDial,
        on loop: any EventLoop,
        then: @escaping @Sendable (Result<any PeerStream, TransportError>) -> Void
    ) -> DialTicket {
        inner.dial(dial, on: loop, then: then)
    }

    func listen(_ door: any PeerDoor) async throws(TransportError) -> [PeerEndpoint] { try await inner.listen(door) }

    func close() async { await inner.close() }
}
