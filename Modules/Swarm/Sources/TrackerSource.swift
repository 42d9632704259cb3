// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import RucheTrackers
internal import RucheWire

/// One torrent's trackers as a source of peers.
struct TrackerSource: PeerSource {
    let client: TrackerClient
    /// Announce URLs by tier (BEP 12).
    let tiers: [[String]]
    /// What trackers know the torrent by (BEP 7).
    let announceKey: UInt32
    /// How far it had been announced before it fell dormant.
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

/// A torrent's part in its trackers.
final class TrackerMembership: SourceMembership {
    private let announcer: TorrentAnnouncer

    init(_ announcer: TorrentAnnouncer) { self.announcer = announcer }

    /// Every tracker, tier by tier.
    var status: [TrackerStatus] { announcer.status }

    /// Announce URLs of the trackers that have not been told of the completion.
    var untoldCompletion: [String] { announcer.untoldCompletion }

    /// Announces nothing any more, without a goodbye: the session's dormant announcer goes on from what this returns.
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
