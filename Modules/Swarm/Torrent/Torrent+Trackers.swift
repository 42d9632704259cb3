// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
public import RucheTrackers
internal import RucheWire

extension Torrent {
    /// The status of each tracker, tier by tier; empty while the torrent does not run.
    public var trackers: [TrackerStatus] {
        get async { (try? await withLifecycle { $0.trackerStatus }) ?? [] }
    }

    /// Asks every tracker how many seeds and leechers it knows, without announcing. Trackers that fail are omitted.
    public func scrape() async -> [ScrapeResult] {
        guard let client = services?.trackers else { return [] }
        var results: [ScrapeResult] = []
        for tracker in entry.trackers.flatMap(\.self) {
            guard let response = try? await client.scrape(hashes.wireHashes, at: tracker) else { continue }
            results.append(ScrapeResult(tracker, response))
        }
        return results
    }
}

/// What one tracker knows about a torrent. Of a hybrid torrent's two swarms, the larger counts.
public struct ScrapeResult: Hashable, Sendable {
    /// The tracker's announce URL.
    public let tracker: String
    /// The number of peers that have everything.
    public let seedCount: Int
    /// The number of peers that do not.
    public let leecherCount: Int
    /// The number of downloads ever completed.
    public let downloadCount: Int

    init(_ tracker: String, _ response: ScrapeResponse) {
        let swarms = response.swarms.values
        self.tracker = tracker
        seedCount = swarms.map(\.seedCount).max() ?? 0
        leecherCount = swarms.map(\.leecherCount).max() ?? 0
        downloadCount = swarms.map(\.downloadCount).max() ?? 0
    }
}
