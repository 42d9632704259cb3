// SPDX-License-Identifier: Apache-2.0

import Metrics
import MetricsTestKit
import RucheStorage
import RucheSwarm
import RucheWire
import Testing

@Suite("Metrics", .serialized, .timeLimit(.minutes(2)))
struct MetricsTests {
    /// A process has one metrics system, for good.
    private static let metrics = {
        let metrics = TestMetrics()
        MetricsSystem.bootstrap(metrics)
        return metrics
    }()

    private func gauges(_ hash: String) -> Set<String> {
        Set(
            Self.metrics.recorders.filter { $0.dimensions.contains { $0.0 == "hash" && $0.1 == hash } }.map(\.label)
        )
    }

    @Test("Two torrents with one name have separate gauges, and a removed torrent leaves none")
    func removedTorrents() async throws {
        _ = Self.metrics
        let ground = try Playground()
        let first = try await ground.makeTorrent("metrics", .v1)
        let second = try await ground.makeTorrent("metrics", .v2)
        let session = try await ground.makeSession("seed")
        let torrents = [try await session.add(first), try await session.add(second)]
        for torrent in torrents { try await torrent.finished() }
        let hashes = torrents.map { "\($0.hashes.wireHashes[0])" }
        for (torrent, hash) in zip(torrents, hashes) {
            await torrent.wait { _ in gauges(hash).count == 2 }
            #expect(gauges(hash) == ["ruche.peers", "ruche.pieces"])
        }
        try await session.remove(torrents[0])
        #expect(gauges(hashes[0]).isEmpty && gauges(hashes[1]).count == 2)
        await session.shutdown()
        #expect(gauges(hashes[1]).isEmpty)
    }
}
