// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheStorage
import RucheTransport
import RucheWire
import Synchronization
import Testing

@testable import RucheSwarm

@Suite("Extensions of a session", .serialized, .timeLimit(.minutes(3)))
struct SessionExtensionTests {
    private typealias Reports = AsyncStream<ExtensionReport<Parrot.Report>>

    private let ground: Playground

    init() throws { ground = try Playground() }

    private func isDormant(_ torrent: Torrent) -> Bool {
        torrent.state.withLock { if case .dormant = $0.form { $0.beginning == nil } else { false } }
    }

    /// Reads until a report satisfies `isWanted`.
    private func first(
        in reports: Reports,
        _ isWanted: (Parrot.Report) -> Bool
    ) async throws -> ExtensionReport<Parrot.Report> {
        var found: ExtensionReport<Parrot.Report>?
        for await report in reports where isWanted(report.report) {
            found = report
            break
        }
        return try #require(found)
    }

    private func heard(_ text: String, in reports: Reports) async throws -> ExtensionReport<Parrot.Report> {
        try await first(in: reports) { if case .heard(Array(text.utf8), _, _) = $0 { true } else { false } }
    }

    /// Asks until there is an answer: if the others have not read our names yet, there is no peer to ask.
    private func ask(_ messages: ExtensionMessages<Parrot>, _ torrent: Torrent, answers: Reports) async throws {
        let isAnswered = Mutex(false)
        let asking = Task {
            while !isAnswered.withLock({ $0 }) {
                try await messages.send(.sayToAll(Array("?who".utf8)), to: torrent)
                try await Task.sleep(nanoseconds: 100_000_000)
            }
        }
        let answer = try await heard("!who", in: answers)
        isAnswered.withLock { $0 = true }
        try await asking.value
        #expect(answer.torrent === torrent)
    }

    @Test("Two apps talk, about torrents added before and after the extension", arguments: [false, true])
    func talk(isAddedFirst: Bool) async throws {
        let metainfo = try await ground.makeTorrent()
        // The download lasts as long as the test: two complete peers without a common extension would disconnect.
        let seed = try await ground.makeSession("seed") { $0.uploadLimitBytesPerSecond = 4_096 }
        let leech = try await ground.makeSession("leech")
        let seeds = try seed.extend(with: Parrot.self)
        let seedReports = seeds.reports
        let given = try await seed.add(metainfo)
        try await given.finished()
        var leeches: ExtensionMessages<Parrot>?
        if isAddedFirst { leeches = try leech.extend(with: Parrot.self) }
        var reports = leeches?.reports
        let torrent = try await leech.add(metainfo, options: .from(seed))
        if !isAddedFirst {
            // They are connected and have exchanged handshakes.
            await torrent.wait { !$0.peers.isEmpty }
            leeches = try leech.extend(with: Parrot.self)
            reports = leeches?.reports
        }
        let messages = try #require(leeches)
        try await ask(messages, torrent, answers: try #require(reports))
        let question = try await heard("?who", in: seedReports)
        #expect(question.torrent === given)
        await leech.shutdown()
        _ = try await first(in: seedReports) { if case .left = $0 { true } else { false } }
        await seed.shutdown()
    }

    @Test("A dormant torrent wakes for a command, and talks once it is awake")
    func dormancy() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSession("seed") { [ground] in
            $0.stateFolder = ground.at("state")
            $0.limits.idleTimeout = .milliseconds(1)
        }
        let messages = try seed.extend(with: Parrot.self)
        let reports = messages.reports
        let given = try await seed.add(metainfo)
        while !isDormant(given) { try await Task.sleep(nanoseconds: 2_000_000) }
        try await messages.send(.sayToAll([1]), to: given)
        while !isDormant(given) { try await Task.sleep(nanoseconds: 2_000_000) }
        let leech = try await ground.makeSession("leech")
        let asking = try leech.extend(with: Parrot.self)
        let answers = asking.reports
        let torrent = try await leech.add(metainfo, options: .from(seed))
        try await ask(asking, torrent, answers: answers)
        let question = try await heard("?who", in: reports)
        #expect(question.torrent === given)
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("Streams end with the session, and removed torrents take no commands")
    func end() async throws {
        let metainfo = try await ground.makeTorrent()
        let session = try await ground.makeSession("seed")
        let messages = try session.extend(with: Parrot.self)
        let reports = messages.reports
        let torrent = try await session.add(metainfo)
        try await session.remove(torrent)
        await #expect { try await messages.send(.sayToAll([1]), to: torrent) } throws: {
            ($0 as? TorrentError)?.code == .removed
        }
        await session.shutdown()
        #expect(await reports.first { _ in true } == nil)
        #expect(await messages.reports.first { _ in true } == nil)
        let error = #expect(throws: ExtensionError.self) { try session.extend(with: Parrot.self) }
        #expect(error?.code == .sessionEnded)
    }

    @Test("A name belongs to one extension")
    func names() async throws {
        let session = try await ground.makeSession("seed")
        let first = try session.extend(with: Parrot.self)
        #expect(try session.extend(with: Parrot.self) === first)
        func code<E: PeerExtension>(_ type: E.Type) -> ExtensionError.Code? {
            do throws(ExtensionError) {
                _ = try session.extend(with: type)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code(Mute<Cuckoo>.self) == .nameTaken)
        #expect(code(Mute<Exchange>.self) == .nameTaken)
        #expect(code(Mute<Nameless>.self) == .badName)
        #expect(code(Mute<Wordy>.self) == .badName)
        let error = #expect(throws: ExtensionError.self) { try session.extend(with: Mute<Nameless>.self) }
        #expect(error?.errorDescription == "Extension \"\": the name is empty or too long.")
        await session.shutdown()
    }
}

/// The name of an extension.
private protocol Name { static var name: ExtensionName { get } }

private enum Cuckoo: Name { static let name = Parrot.name }
private enum Exchange: Name { static let name = ExtensionName.peerExchange }
private enum Nameless: Name { static let name: ExtensionName = "" }
private enum Wordy: Name { static let name = ExtensionName(String(repeating: "x", count: 65)) }

/// An extension that does nothing.
private struct Mute<N: Name>: PeerExtension {
    static var name: ExtensionName { N.name }

    init(in batch: inout ExtensionBatch<Self>) {}

    func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {}
}
