// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTrackers
import RucheWire
import Synchronization
import Testing

@testable import RucheSwarm

@Suite("Sources of peers", .serialized, .timeLimit(.minutes(3)))
struct PeerSourceTests {
    private let ground: Playground

    init() throws { ground = try Playground() }

    @Test("A torrent joins a source whenever it starts, once, and a private one only if that is allowed")
    func joining() async throws {
        let session = try await ground.makeSession("leech")
        let plain = ScriptedSource()
        let trusted = ScriptedSource(SourceTraits(servesPrivateTorrents: true))
        var options = AddOptions()
        options.sources = [plain, trusted]
        let torrent = try await session.add(try await ground.makeTorrent("open"), options: options)
        await torrent.wait { $0.state == .downloading }
        await torrent.resume()
        for round in 1...3 {
            #expect(plain.memberships.count == round && trusted.memberships.count == round)
            let latest = try #require(plain.memberships.last)
            #expect(latest.swarm.isPrivate == false && latest.swarm.listenPort == session.port)
            #expect(await latest.swarm.stats().left == 370_000)
            await torrent.pause()
            await latest.waitUntilLeft()
            await torrent.resume()
        }
        try await session.remove(torrent)
        #expect((plain.memberships + trusted.memberships).allSatisfy { $0.leavings == 1 })

        let closed = try await ground.makeTorrent("private", isPrivate: true)
        let hidden = try await session.add(closed, options: options)
        await hidden.wait { $0.state == .downloading }
        #expect(plain.memberships.count == 4 && trusted.memberships.count == 5)
        #expect(trusted.memberships.last?.swarm.isPrivate == true)
        await session.shutdown()
        #expect(trusted.memberships.last?.leavings == 1)
    }

    @Test("A magnet link that turns out to be private leaves sources that do not serve private torrents")
    func privateMagnet() async throws {
        let metainfo = try await ground.makeTorrent("private", isPrivate: true)
        let seed = try await ground.makeSeed(metainfo)
        let (plain, trusted) = (ScriptedSource(), ScriptedSource(SourceTraits(servesPrivateTorrents: true)))
        let leech = try await ground.makeSession("leech") { $0.sources = [plain, trusted] }
        let torrent = try await leech.add(MagnetLink(hashes: metainfo.info.hashes), options: .from(seed))
        try await torrent.finished()
        let (left, kept) = try (#require(plain.memberships.first), #require(trusted.memberships.first))
        #expect(left.swarm.isPrivate == nil && left.leavings == 1 && kept.leavings == 0)
        #expect(plain.memberships.count == 1)
        await kept.wait(for: .completed)
        #expect(!left.changes.contains(.completed))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("Two sessions that find each other only by a source share, and it is told of need and completion")
    func rendezvous() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSeed(metainfo)
        let source = ScriptedSource()
        let leech = try await ground.makeSession("leech") { $0.sources = [source] }
        let torrent = try await leech.add(metainfo)
        await torrent.wait { $0.state == .downloading }
        let membership = try #require(source.memberships.first)
        await membership.wait(for: .needsPeers)
        membership.find(seed.endpoints)
        try await torrent.finished()
        await membership.wait(for: .completed)
        await leech.shutdown()
        #expect(membership.leavings == 1)
        await seed.shutdown()
    }

    @Test("Endpoints found after the torrent has left are dropped, and a burst is limited")
    func lateFinds() async throws {
        let source = ScriptedSource()
        let session = try await ground.makeSession("leech") { $0.sources = [source] }
        let torrent = try await session.add(try await ground.makeTorrent())
        await torrent.wait { $0.state == .downloading }
        let membership = try #require(source.memberships.first)
        let strangers = (1...30_000).map { PeerEndpoint(address: IPAddress(v4: 0x0a00_0000 + $0), port: 7) }
        let life = try await torrent.hold()
        membership.find(strangers)
        let known = await life.perform { $0.driver.core.connections.list.count }
        #expect(known == 1_000)
        await torrent.pause()
        await membership.waitUntilLeft()
        membership.find((1...10).map { PeerEndpoint(address: IPAddress(v4: 0x0b00_0000 + $0), port: 7) })
        #expect(await life.perform { $0.driver.core.connections.list.count } == known)
        torrent.letGo()
        await session.shutdown()
    }

    @Test("A source that outlives dormancy keeps its members, even across a restart; others do not")
    func dormancy() async throws {
        let metainfo = try await ground.makeTorrent("open")
        let closed = try await ground.makeTorrent("private", isPrivate: true)
        let (lasting, brief) = (ScriptedSource(SourceTraits(outlivesDormancy: true)), ScriptedSource())
        let before = try await makeSeed(lasting, brief)
        for metainfo in [metainfo, closed] { try await before.add(metainfo).finished() }
        let first = try #require(lasting.memberships.first)
        await first.wait(for: .dormant)
        await brief.memberships[0].waitUntilLeft()
        #expect(first.leavings == 0)
        // Endpoints that it finds do not wake the torrent: peers that want something connect themselves.
        first.find([PeerEndpoint(address: IPAddress(v4: 0x7f00_0001), port: 9)])
        try await before.torrents[0].withLifecycle { _ in }
        await first.wait(for: .woke)
        await before.shutdown()
        #expect(first.leavings == 1)

        let (again, unused) = (ScriptedSource(SourceTraits(outlivesDormancy: true)), ScriptedSource())
        let after = try await makeSeed(again, unused)
        #expect(again.memberships.map(\.swarm.isDormant) == [true] && unused.memberships.isEmpty)
        #expect(again.memberships.first?.swarm.hashes == metainfo.info.hashes)
        try await after.remove(after.torrents[0])
        #expect(again.memberships.first?.leavings == 1)
        await after.shutdown()
        #expect(again.memberships.first?.leavings == 1)
    }

    private func makeSeed(_ sources: ScriptedSource...) async throws -> Session {
        try await ground.makeSession("seed") { [ground] in
            $0.stateFolder = ground.at("state")
            $0.limits.idleTimeout = .milliseconds(1)
            $0.sources = sources
        }
    }

    @Test("A source that never finishes leaving delays a shutdown by only a few seconds")
    func silentSource() async throws {
        let session = try await ground.makeSession("leech") {
            $0.sources = [ScriptedSource(saysGoodbye: false)]
        }
        let torrent = try await session.add(try await ground.makeTorrent())
        await torrent.wait { $0.state == .downloading }
        await session.shutdown()
        #expect(torrent.endReason?.code == .sessionEnded)
    }

    @Test("A stream of endpoints can be a source, and is cancelled when the torrent leaves")
    func streams() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSeed(metainfo)
        let ends = Mutex(0)
        let (stream, left) = AsyncStream.makeStream(of: Void.self)
        let source = AsyncPeerSource { [endpoints = seed.endpoints] swarm in
            #expect(swarm.hashes == metainfo.info.hashes)
            let (stream, continuation) = AsyncStream.makeStream(of: [PeerEndpoint].self)
            continuation.onTermination = { _ in
                ends.withLock { $0 += 1 }
                left.finish()
            }
            continuation.yield(endpoints)
            return stream
        }
        let leech = try await ground.makeSession("leech") { $0.sources = [source] }
        let torrent = try await leech.add(metainfo)
        try await torrent.finished()
        await torrent.pause()
        for await _ in stream {}
        await leech.shutdown()
        #expect(ends.withLock(\.self) == 1)
        await seed.shutdown()
    }
}
