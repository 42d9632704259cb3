// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire
internal import Synchronization

/// Torrents that wake and become dormant.
extension Session {
    /// For torrents that wake.
    func makeDriver(for torrent: Torrent, logger: Logger) -> SwarmDriver {
        let driver = makeDriver(for: torrent.hashes, logger: logger)
        for addition in extensions.withLock({ $0.all }) {
            driver.attach(addition.kind, addition.makeReader(for: torrent))
        }
        return driver
    }

    /// Creates a driver on the next loop, without extensions.
    func makeDriver(for hashes: InfoHashes, logger: Logger) -> SwarmDriver {
        let identity = SwarmCore.Identity(
            hashes: hashes,
            peerID: peerID,
            listenPort: port,
            clientName: configuration.clientName
        )
        return SwarmDriver(
            identity: identity,
            environment: environment,
            loop: environment.runtime.nextLoop(),
            logger: logger
        )
    }

    /// Returns whether a dormant torrent may be woken by others than the user.
    func mayWake(_ torrent: Torrent) -> Bool {
        awakeCount.load(ordering: .relaxed) < environment.limits.awakeTorrents && hasTurn(torrent)
    }

    /// Handles a torrent that wakes and manages its sources itself from now on. Returns their progress so far.
    func handleWaking(of number: Int) -> RestingSources {
        awakeCount.wrappingAdd(1, ordering: .relaxed)
        return RestingSources(schedule: dormantAnnouncer.remove(number), joined: dormantSources.take(number))
    }

    /// Handles a torrent that becomes dormant.
    func handleDormant() { awakeCount.wrappingSubtract(1, ordering: .relaxed) }

    /// Announces a dormant seed, unless that is done already. Called under its lock, so that it does not wake
    /// meanwhile: otherwise it would be announced twice.
    func announceWhileDormant(_ number: Int, _ state: borrowing Torrent.State, _ resting: RestingSources) {
        let isSeed = state.entry.flags.contains(.complete) && !state.entry.flags.contains(.paused)
        guard isSeed, state.failure == nil, state.beginning == nil else { return resting.joined.leave() }
        let (schedule, untold) = (resting.schedule, state.entry.untoldCompletion)
        dormantAnnouncer.add(number, tiers: state.entry.trackers, resting: schedule, untold: untold)
        guard hasLastingSources else { return }
        let context = makeSourceContext(state)
        dormantSources.keep(resting.joined, of: number) { joinSources(context, &$0, on: nil) }
    }

    func announceNoMore(_ number: Int) {
        _ = dormantAnnouncer.remove(number)
        dormantSources.take(number).leave()
    }
}
