// SPDX-License-Identifier: Apache-2.0

import RucheTrackers

/// Notices what is new in what trackers say, so that each is told once.
struct TrackerNews {
    private var told: [String: String] = [:]

    /// Those of `trackers` that say something else than before, or work again.
    mutating func next(_ trackers: [TrackerStatus]) -> [TrackerStatus] {
        trackers.filter { tracker in
            guard tracker.isSettled else { return false }
            let words = tracker.words
            defer { told[tracker.url] = words }
            return told[tracker.url] != words
        }
    }
}

extension TrackerStatus {
    /// Its last announce has ended.
    fileprivate var isSettled: Bool { state != .announcing && state != .waiting }

    /// `http://tracker.example/announce: The tracker refuses: unregistered torrent`.
    var line: String { "\(url): \(words ?? "The tracker works.")" }

    /// One word, for programs.
    var word: String {
        switch state {
        case .waiting: "waiting"
        case .announcing: "announcing"
        case .working: "working"
        case .failing: "failing"
        case .abandoned: "abandoned"
        }
    }
}
