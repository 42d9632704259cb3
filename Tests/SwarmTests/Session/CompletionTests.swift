// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheSwarm
import RucheWire
import Testing

@Suite("A completion that a tracker missed", .serialized, .timeLimit(.minutes(3)))
struct CompletionTests {
    private let ground: Playground

    init() throws { ground = try Playground() }

    private func makeLeech() async throws -> Session {
        let state = ground.at("state")
        return try await ground.makeSession("leech") { $0.stateFolder = state }
    }

    @Test("is announced by the next session, once")
    func toldLater() async throws {
        let metainfo = try await ground.makeTorrent()
        let tracker = try PlainTracker()
        defer { tracker.close() }
        let seed = try await ground.makeSeed(metainfo)

        tracker.refuseCompletion(true)
        let first = try await makeLeech()
        let torrent = try await first.add(
            metainfo,
            options: .from(seed) { ($0.trackers, $0.peers) = ([tracker.url], []) }
        )
        await tracker.wait(for: "started")
        torrent.add(peers: seed.endpoints)
        try await torrent.finished()
        await first.shutdown()
        #expect(tracker.events.contains("completed") && tracker.events.last == "stopped")

        tracker.refuseCompletion(false)
        let second = try await makeLeech()
        await tracker.wait(for: "completed")
        #expect(tracker.events.prefix(2) == ["started", "completed"])
        await second.shutdown()

        tracker.refuseCompletion(false)
        let third = try await makeLeech()
        await tracker.wait(for: "started")
        await third.shutdown()
        #expect(tracker.events == ["started", "stopped"])
        await seed.shutdown()
    }
}
