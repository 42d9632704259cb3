// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
public import RucheTrackers
public import RucheWire

extension Torrent {
    /// How each tracker does, tier by tier; empty while the torrent does not run.
    public var trackers: [TrackerStatus] {
        get async { (try? await withLifecycle { await $0.trackerStatus }) ?? [] }
    }

    /// Asks every tracker how many seeds and leechers it knows, without announcing; trackers that fail are left out.
    public func scrape() async -> [ScrapeResult] {
        guard let client = session?.trackers else { return [] }
        var results: [ScrapeResult] = []
        for tracker in entry.trackers.flatMap(\.self) {
            guard let response = try? await client.scrape(hashes.wireHashes, at: tracker) else { continue }
            results.append(ScrapeResult(tracker: tracker, response: response))
        }
        return results
    }
}

/// What one tracker knows of a torrent.
public struct ScrapeResult: Sendable {
    /// The tracker's announce URL.
    public let tracker: String
    /// Its counts.
    public let response: ScrapeResponse
}
