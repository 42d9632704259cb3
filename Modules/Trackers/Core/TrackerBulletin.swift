// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
internal import RucheWire

/// Collects what trackers tell torrents. Each message is reported once for all torrents that receive it, and again only
/// when their number has doubled.
///
/// Owner: `TrackerClient`. Invariant: at most `TrackerLimits.bulletinTrackers` trackers, with `bulletinTopics`
/// different messages each, and `bulletinTorrents` torrents in all.
struct TrackerBulletin: Sendable {
    private struct Topic {
        var torrents: Set<SHA1Digest> = []
        /// The number of torrents when it was last reported; nil before.
        var toldCount: Int?
        /// Whether the message says that the tracker cannot be used. This ends with its next response, to any torrent.
        let isOutage: Bool

        var isDue: Bool { torrents.count >= max(1, 2 * (toldCount ?? 0)) }
    }

    private struct Tracker {
        var topics: [String: Topic] = [:]
        var isTold = false
    }

    private let limits: TrackerLimits
    private var trackers: [ExactText: Tracker] = [:]
    private var torrentCount = 0

    init(limits: TrackerLimits) { self.limits = limits }

    /// Records that the tracker at `url` told `torrent` `words`, or could not be used; nil if all is well.
    mutating func handle(_ words: String?, isOutage: Bool, of url: String, to torrent: SHA1Digest) {
        let url = ExactText(url)
        // The entry is removed and its topics are not held, otherwise each change would copy a set of all torrents.
        guard var tracker = trackers.removeValue(forKey: url) ?? (words == nil ? nil : makeTracker()) else { return }
        for (known, wasOutage) in tracker.topics.map({ ($0.key, $0.value.isOutage) }) {
            if wasOutage, !isOutage {
                torrentCount -= tracker.topics[known]?.torrents.count ?? 0
                tracker.topics[known] = nil
            } else if known != words, tracker.topics[known]?.torrents.remove(torrent) != nil {
                torrentCount -= 1
                if tracker.topics[known]?.torrents.isEmpty == true { tracker.topics[known] = nil }
            }
        }
        if let words, torrentCount < limits.bulletinTorrents {
            let isRoom = tracker.topics.count < limits.bulletinTopics
            if isRoom || tracker.topics[words] != nil,
                tracker.topics[words, default: Topic(isOutage: isOutage)].torrents.insert(torrent).inserted
            {
                torrentCount += 1
            }
        }
        trackers[url] = tracker.topics.isEmpty && !tracker.isTold ? nil : tracker
    }

    /// Returns what is new, by tracker and message.
    mutating func nextReports() -> [TrackerReport] {
        var reports: [TrackerReport] = []
        for url in trackers.keys.sorted(by: { $0.text < $1.text }) {
            guard let tracker = trackers[url] else { continue }
            if tracker.topics.isEmpty {
                reports.append(TrackerReport(url: url.text, words: nil, torrentCount: 0, examples: []))
                trackers[url] = nil
            }
            for (words, topic) in tracker.topics.sorted(by: { $0.key < $1.key }) where topic.isDue {
                let examples = Array(topic.torrents.prefix(TrackerReport.exampleCount))
                let count = topic.torrents.count
                reports.append(TrackerReport(url: url.text, words: words, torrentCount: count, examples: examples))
                trackers[url]?.topics[words]?.toldCount = count
                trackers[url]?.isTold = true
            }
        }
        return reports
    }

    private func makeTracker() -> Tracker? { trackers.count < limits.bulletinTrackers ? Tracker() : nil }
}

/// What one tracker tells some torrents.
package struct TrackerReport: Hashable, Sendable {
    /// The number of torrents named as examples.
    package static let exampleCount = 3

    /// The announce URL.
    package let url: String
    /// The tracker's message, or why it cannot be used; nil if it works again for all torrents.
    package let words: String?
    /// The number of torrents that received the message so far.
    package let torrentCount: Int
    /// Some of these torrents.
    package let examples: [SHA1Digest]
}
