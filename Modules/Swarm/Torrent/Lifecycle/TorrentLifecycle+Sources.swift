// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// Where peers come from.
extension TorrentLifecycle {
    func joinSources() {
        driver.handleFound(options.peers, from: .manual)
        sources.wake(driver)
        let context = makeContext()
        if let source = makeTrackerSource() { trackerMembership = sources.join(source, context, on: driver) }
        services.joinSources(context, &sources, on: driver)
        for (index, source) in options.sources.enumerated() where source.mayServe(context) {
            sources.join(source, as: .torrent(index), context, on: driver)
        }
        restingSchedule = nil
    }

    private func makeContext() -> SourceContext {
        let (driver, carried) = (driver, record.carried)
        return services.makeContext(
            origin.hashes,
            isPrivate: metainfo?.info.isPrivate,
            isComplete: core.holding == .whole,
            isDormant: false
        ) {
            await driver.announceStats(after: carried)
        }
    }

    /// The torrent's trackers as a source of peers; nil if it has none.
    private func makeTrackerSource() -> TrackerSource? {
        let tiers = origin.trackers + (options.trackers.isEmpty ? [] : [options.trackers])
        guard !tiers.isEmpty else { return nil }
        return TrackerSource(
            client: services.trackers,
            tiers: tiers,
            announceKey: record.announceKey,
            resting: restingSchedule,
            untold: host?.entry.untoldCompletion ?? [],
            logger: logger
        )
    }

    /// Leaves all sources. Those that have not heard of a completion do so before, even if its report is still on its way.
    func leaveSources() {
        if driver.core.isSeed { sources.note(.completed) }
        let (left, trackers, before) = (sources, trackerMembership, leaving)
        sources = JoinedSources()
        trackerMembership = nil
        leaving = start { life in
            await before?.value
            await left.leaveAndWait()
            if let trackers { life.handleGoodbyes(of: trackers) }
        }
    }

    private func handleGoodbyes(of trackers: TrackerMembership) {
        untoldCompletion = trackers.untoldCompletion
        if !core.isClosed { remember { $0.untoldCompletion = trackers.untoldCompletion } }
    }

    /// Stays a member of the sources that outlive dormancy.
    func restSources() {
        if let trackerMembership {
            remember { $0.untoldCompletion = trackerMembership.untoldCompletion }
            restingSchedule = trackerMembership.rest()
        }
        trackerMembership = nil
        sources.fallDormant()
    }

    var trackerStatus: [TrackerStatus] { trackerMembership?.status ?? [] }

    /// Dials the peers that a magnet names, once their names are looked up.
    func lookUpNamedPeers() {
        let named = origin.peers
        guard !named.isEmpty else { return }
        driver.handleFound(named.compactMap(\.endpoint), from: .manual)
        let names = named.filter { $0.endpoint == nil }
        guard !names.isEmpty else { return }
        naming = start { life in
            for peer in names where !Task.isCancelled {
                let found = await peer.lookUp()
                life.driver.handleFound(found, from: .manual)
            }
        }
    }
}

extension SwarmDriver {
    /// What sources are told of the torrent. From any thread.
    fileprivate func announceStats(after carried: CarriedTotals) async -> AnnounceStats {
        let facts = loop.submit { [self] in
            (
                totals: totals, info: core.content?.torrent?.info, have: core.content?.picker.have,
                isFinished: core.isFinished
            )
        }
        guard let facts = try? await facts.get() else { return AnnounceStats(uploaded: 0, downloaded: 0, left: 1) }
        var stats = AnnounceStats(
            uploaded: carried.uploadedBytes + facts.totals.uploadedBytes,
            downloaded: carried.downloadedBytes + facts.totals.downloadedBytes,
            left: 1
        )
        if let info = facts.info, let have = facts.have {
            let (done, total) = WantedBytes.count(info, wanted: { _ in true }, have: have)
            stats.left = total - done
            stats.isPartialSeed = facts.isFinished && stats.left > 0
        }
        return stats
    }
}

extension PeerSource {
    /// Whether the torrent may join it.
    func mayServe(_ swarm: SourceContext) -> Bool { swarm.isPrivate != true || traits.servesPrivateTorrents }
}
