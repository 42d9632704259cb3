// SPDX-License-Identifier: Apache-2.0

import RucheTrackers

/// Detects news from trackers, so each message is reported once.
struct TrackerNews {
    /// By the URL's bytes.
    private var told: [[UInt8]: String] = [:]

    /// Returns those of `trackers` that report something new, or work again.
    mutating func next(_ trackers: [TrackerStatus]) -> [TrackerStatus] {
        trackers.filter { tracker in
            guard tracker.isSettled else { return false }
            let (url, words) = (Array(tracker.url.utf8), tracker.words)
            defer { told[url] = words }
            return told[url] != words
        }
    }
}

extension TrackerStatus {
    /// Whether the last announce has ended.
    fileprivate var isSettled: Bool { state != .announcing && state != .waiting }

    /// `http://tracker.example/announce: The tracker refuses: unregistered torrent`.
    var line: String { "\(url): \(words ?? "The tracker works.")" }

    /// The state in one word, for programs.
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
