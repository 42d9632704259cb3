// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheTrackers
internal import RucheWire

/// What one tracker says to some of a session's torrents.
public struct TrackerNotice: Sendable {
    /// The announce URL.
    public let url: String
    /// What the tracker says, or why it cannot be used, in a sentence for a person; nil: it works again, for all.
    public let words: String?
    /// How many torrents the tracker has said this to so far.
    public let torrentCount: Int
    /// A few of those torrents.
    public let examples: [Torrent]
}

extension Session {
    /// Returns what trackers have said since the last call, to awake torrents and dormant ones together.
    ///
    /// However many torrents a tracker says the same to, that is one notice, and another one only when they have doubled:
    /// there are few of these, even with a hundred thousand torrents. For one torrent's trackers, see `Torrent.trackers`.
    public func nextTrackerNotices() -> [TrackerNotice] {
        services.trackers.nextReports().map { report in
            TrackerNotice(
                url: report.url,
                words: report.words,
                torrentCount: report.torrentCount,
                examples: report.examples.compactMap { table.torrent(named: $0) }
            )
        }
    }
}
