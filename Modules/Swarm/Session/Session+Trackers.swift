// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheTrackers
internal import RucheWire

/// A tracker's message to some of a session's torrents.
public struct TrackerNotice: Sendable {
    /// The announce URL.
    public let url: String
    /// The message, or why the tracker cannot be used, as a sentence for users; nil if it works again for all.
    public let words: String?
    /// The number of torrents with this message so far.
    public let torrentCount: Int
    /// A few of those torrents.
    public let examples: [Torrent]
}

extension Session {
    /// Returns the messages from trackers since the last call, for awake and dormant torrents.
    ///
    /// However many torrents get the same message from a tracker, that is one notice, and another one only when their
    /// number has doubled: there are few of these, even with a hundred thousand torrents. For the trackers of one
    /// torrent, see `Torrent.trackers`.
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
