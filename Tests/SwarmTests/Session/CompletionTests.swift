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

    /// Waits until the tracker has been told of `event`.
    private func wait(for event: String, at tracker: PlainTracker) async throws {
        while !tracker.events.contains(event) { try await Task.sleep(for: .milliseconds(20)) }
    }

    @Test("is told in the session's next life, once")
    func toldLater() async throws {
        let metainfo = try await ground.makeTorrent()
        let tracker = try PlainTracker()
        defer { tracker.close() }
        let seed = try await ground.makeSession("seed")
        var options = AddOptions()
        options.isReadOnly = true
        try await seed.add(metainfo, options: options).finished()

        tracker.refuseCompletion(true)
        let first = try await makeLeech()
        let torrent = try await first.add(
            metainfo,
            options: .from(seed) { ($0.trackers, $0.peers) = ([tracker.url], []) }
        )
        try await wait(for: "started", at: tracker)
        torrent.add(peers: seed.endpoints)
        try await torrent.finished()
        await first.shutdown()
        #expect(tracker.events.contains("completed") && tracker.events.last == "stopped")

        tracker.refuseCompletion(false)
        let second = try await makeLeech()
        try await wait(for: "completed", at: tracker)
        #expect(tracker.events.prefix(2) == ["started", "completed"])
        await second.shutdown()

        tracker.refuseCompletion(false)
        let third = try await makeLeech()
        try await wait(for: "started", at: tracker)
        await third.shutdown()
        #expect(tracker.events == ["started", "stopped"])
        await seed.shutdown()
    }
}
