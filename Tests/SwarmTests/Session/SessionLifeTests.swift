// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheStorage
import RucheTransport
import RucheWire
import Synchronization
import Testing

@testable import RucheSwarm

@Suite("Starting and ending sessions and torrents", .serialized, .timeLimit(.minutes(3)))
struct SessionLifeTests {
    private let ground: Playground

    init() throws { ground = try Playground() }

    @Test("withSession shuts its session down, whether the body throws or not")
    func scopedSession() async throws {
        let metainfo = try await ground.makeTorrent()
        var configuration = SessionConfiguration(downloads: ground.at("leech"), logger: .silent)
        configuration.binding = LocalBinding(addresses: [IPAddress(v4: 0x7f00_0001)])
        let torrent = try await withSession(configuration) { session in
            let torrent = try await session.add(metainfo)
            #expect(session.torrent(for: metainfo.info.hashes) === torrent)
            return torrent
        }
        #expect(await #expect(throws: TorrentError.self) { try await torrent.finished() }?.code == .sessionEnded)
        struct Failure: Error {}
        var kept: Session?
        await #expect(throws: Failure.self) {
            try await withSession(configuration) { session in
                kept = session
                throw Failure()
            }
        }
        let error = await #expect(throws: TorrentError.self) { try await kept?.add(metainfo) }
        #expect(error?.code == .sessionEnded)
    }

    @Test("A released session ends: its torrents say so, and its state folder is free")
    func droppedSession() async throws {
        let metainfo = try await ground.makeTorrent()
        let remembers: (inout SessionConfiguration) -> Void = { [ground] in $0.stateFolder = ground.at("state") }
        var session: Session? = try await ground.makeSession("leech", remembers)
        let dropped = WeakSession(session)
        let torrent = try await #require(session).add(metainfo)
        await torrent.wait { $0.state == .downloading }
        let port = try #require(session?.endpoints.first)
        session = nil
        let error = await #expect(throws: TorrentError.self) { try await torrent.finished() }
        #expect(error?.code == .sessionEnded)
        #expect(dropped.session == nil)
        // The folder is locked and the port in use until everything has ended.
        var again: Session?
        while again == nil {
            again = try? await ground.makeSession("leech") {
                remembers(&$0); $0.port = port.port
            }
        }
        #expect(again?.torrents.map(\.hashes) == [metainfo.info.hashes])
        await again?.shutdown()
    }

    private final class WeakSession: Sendable {
        private struct Reference { weak var session: Session? }
        private let reference: Mutex<Reference>
        var session: Session? { reference.withLock { $0.session } }
        init(_ session: Session?) { reference = Mutex(Reference(session: session)) }
    }

    @Test("A paused complete torrent is finished, and an incomplete one says why it never will be")
    func finished() async throws {
        let metainfo = try await ground.makeTorrent()
        let other = try await ground.makeTorrent("other")
        let session = try await ground.makeSession("seed")
        let leech = try await ground.makeSession("leech")
        var options = AddOptions()
        options.isPaused = true
        let paused = try await session.add(metainfo, options: options)
        await paused.wait { $0.pieces != nil }
        try await paused.finished()
        #expect(paused.currentStatus.state == .paused)
        let removed = try await leech.add(metainfo)
        let ended = try await leech.add(other)
        async let first = ending(of: removed)
        async let second = ending(of: ended)
        try await leech.remove(removed)
        #expect(await first == .removed)
        await leech.shutdown()
        #expect(await second == .sessionEnded)
        await #expect(throws: TorrentError.self) { try await ended.recheck() }
        await session.shutdown()
    }

    private func ending(of torrent: Torrent) async -> TorrentError.Code? {
        do { try await torrent.finished() } catch { return (error as? TorrentError)?.code }
        return nil
    }

    @Test("Priorities set concurrently are all kept")
    func priorities() async throws {
        let metainfo = try await ground.makeTorrent("many", sizes: Array(repeating: 40_000, count: 12))
        let session = try await ground.makeSession("leech")
        let torrent = try await session.add(metainfo)
        await torrent.wait { $0.state == .downloading }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for file in 0..<12 { group.addTask { try await torrent.setPriorities([file: file < 6 ? .skip : .high]) } }
            try await group.waitForAll()
        }
        let kept = try await torrent.withLifecycle { $0.content?.unusualPriorities }
        #expect(kept == Dictionary(uniqueKeysWithValues: (0..<12).map { ($0, $0 < 6 ? 0 : 3) }))
        await session.shutdown()
    }

    @Test("A running check ends with its session")
    func shutdownDuringCheck() async throws {
        let metainfo = try await ground.makeTorrent("content", sizes: [30_000_000])
        let session = try await ground.makeSession("seed")
        let torrent = try await session.add(metainfo)
        try await torrent.finished()
        let check = Task { try await torrent.recheck() }
        await torrent.wait { if case .checking = $0.state { true } else { false } }
        await session.shutdown()
        // Whether it was cancelled or finished, it does not touch what is closed.
        _ = await check.result
        #expect(torrent.endReason?.code == .sessionEnded)
    }
}
