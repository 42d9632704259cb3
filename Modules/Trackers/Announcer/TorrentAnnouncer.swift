// SPDX-License-Identifier: Apache-2.0

public import Logging
public import RucheWire

/// Keeps one running torrent announced to its trackers.
public final class TorrentAnnouncer: Sendable {
    /// Starts announcing at once.
    public init(
        client: TrackerClient,
        subject: AnnounceSubject,
        tiers: [[String]],
        logger: Logger,
        onPeers: @escaping @Sendable ([PeerEndpoint]) -> Void
    ) {}

    /// The download has become complete.
    public func handleCompleted() {}
    /// More peers would be welcome.
    public func handleNeedOfPeers() {}
    /// Says goodbye in the background.
    public func stop() {}
    /// Says goodbye, and waits for `TrackersLimits.stopWait` at most.
    public func stopAndWait() async {}
    /// Every tracker, tier by tier.
    public var status: [TrackerStatus] { [] }
}
