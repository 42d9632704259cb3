// SPDX-License-Identifier: Apache-2.0

public import RucheTrackers
public import RucheWire

extension Torrent {
    /// How each tracker does, tier by tier; empty while the torrent does not run.
    public var trackers: [TrackerStatus] {
        get async { await lifecycle.trackerStatus }
    }

    /// Asks every tracker how many seeds and leechers it knows, without announcing; trackers that fail are left out.
    public func scrape() async -> [ScrapeResult] { await lifecycle.scrape() }
}

/// What one tracker knows of a torrent.
public struct ScrapeResult: Sendable {
    /// The tracker's announce URL.
    public let tracker: String
    /// Its counts.
    public let response: ScrapeResponse
}
