// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto

/// What trackers say to any number of torrents, told once for all that hear the same, and again only when they have doubled.
///
/// Owner: `TrackerClient`. Invariant: no more than `TrackersLimits.bulletinTrackers` trackers, each with
/// `bulletinTopics` different words, and `bulletinTorrents` torrents in all.
struct TrackerBulletin: Sendable {
    private struct Topic {
        var torrents: Set<SHA1Digest> = []
        /// How many torrents it had when it was told last; nil before that.
        var toldCount: Int?
        /// The tracker cannot be used: that is over with its next answer, to whichever torrent.
        let isOutage: Bool

        var isDue: Bool { torrents.count >= max(1, 2 * (toldCount ?? 0)) }
    }

    private struct Tracker {
        var topics: [String: Topic] = [:]
        var isTold = false
    }

    private let limits: TrackersLimits
    private var trackers: [String: Tracker] = [:]
    private var torrentCount = 0

    init(limits: TrackersLimits) { self.limits = limits }

    /// The tracker at `url` said `words` to `torrent`, or could not be used; nil: all is well.
    mutating func handle(_ words: String?, isOutage: Bool, of url: String, to torrent: SHA1Digest) {
        // Taken out, and its topics not held: else each change would copy a set of all torrents.
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

    /// What is new, by tracker and words.
    mutating func nextReports() -> [TrackerReport] {
        var reports: [TrackerReport] = []
        for url in trackers.keys.sorted() {
            guard let tracker = trackers[url] else { continue }
            if tracker.topics.isEmpty {
                reports.append(TrackerReport(url: url, words: nil, torrentCount: 0, examples: []))
                trackers[url] = nil
            }
            for (words, topic) in tracker.topics where topic.isDue {
                let examples = Array(topic.torrents.prefix(TrackerReport.exampleCount))
                let count = topic.torrents.count
                reports.append(TrackerReport(url: url, words: words, torrentCount: count, examples: examples))
                trackers[url]?.topics[words]?.toldCount = count
                trackers[url]?.isTold = true
            }
        }
        return reports
    }

    private func makeTracker() -> Tracker? { trackers.count < limits.bulletinTrackers ? Tracker() : nil }
}

/// What one tracker says to some torrents.
package struct TrackerReport: Hashable, Sendable {
    /// Torrents that are named.
    package static let exampleCount = 3

    /// The announce URL.
    package let url: String
    /// What it says, or why it cannot be used; nil: it works again, for all.
    package let words: String?
    /// Torrents that it says this to, so far.
    package let torrentCount: Int
    /// A few of them.
    package let examples: [SHA1Digest]
}
