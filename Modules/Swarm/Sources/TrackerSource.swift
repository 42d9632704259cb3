// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import RucheTrackers
internal import RucheWire

/// The trackers of one torrent as a source of peers.
struct TrackerSource: PeerSource {
    let client: TrackerClient
    /// Announce URLs by tier (BEP 12).
    let tiers: [[String]]
    /// The number by which trackers recognise the torrent (BEP 7).
    let announceKey: UInt32
    /// The state of its announces before it became dormant.
    let resting: RestingSchedule?
    /// Trackers that an earlier membership could not tell of the completion.
    let untold: [String]
    let logger: Logger

    let traits = SourceTraits(origin: .tracker, servesPrivateTorrents: true)

    func join(
        _ swarm: SourceContext,
        found: @escaping @Sendable ([PeerEndpoint]) -> Void
    ) -> any SourceMembership {
        makeMembership(swarm, found: found)
    }

    func makeMembership(
        _ swarm: SourceContext,
        found: @escaping @Sendable ([PeerEndpoint]) -> Void
    ) -> TrackerMembership {
        let subject = AnnounceSubject(
            hashes: swarm.hashes.wireHashes,
            peerID: swarm.peerID,
            port: swarm.listenPort,
            isCompleteAtStart: swarm.isComplete,
            key: announceKey,
            stats: swarm.stats
        )
        let announcer = TorrentAnnouncer(
            client: client,
            subject: subject,
            tiers: tiers,
            resting: resting,
            untold: untold,
            logger: logger,
            onPeers: found
        )
        return TrackerMembership(announcer)
    }
}

/// A torrent's membership in its trackers.
final class TrackerMembership: SourceMembership {
    private let announcer: TorrentAnnouncer

    init(_ announcer: TorrentAnnouncer) { self.announcer = announcer }

    /// The status of every tracker, tier by tier.
    var status: [TrackerStatus] { announcer.status }

    /// The announce URLs of trackers that have not been told of the completion.
    var untoldCompletion: [String] { announcer.untoldCompletion }

    /// Stops without announcing `stopped`. The session's dormant announcer continues from the returned state.
    func rest() -> RestingSchedule { announcer.rest() }

    func note(_ change: SwarmChange) {
        switch change {
        case .needsPeers: announcer.handleNeedOfPeers()
        case .completed: announcer.handleCompleted()
        case .dormant, .woke: break
        }
    }

    func leave(then: @escaping @Sendable () -> Void) {
        Task { [announcer] in
            await announcer.stopAndWait()
            then()
        }
    }
}
