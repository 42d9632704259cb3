// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// The sources of peers.
extension TorrentLifecycle {
    func startSources() {
        guard let session, !isSearching else { return }
        isSearching = true
        driver.loop.execute { [driver, options] in driver.handleFound(options.peers, from: .manual) }
        sources.wake(driver)
        joinSources(session)
        restingSchedule = nil
    }

    private func joinSources(_ session: Session) {
        let context = session.makeSourceContext(for: self)
        if let source = session.makeTrackerSource(for: self) {
            trackerMembership = sources.join(source, context, on: driver)
        }
        session.joinSources(context, &sources, on: driver)
        for (index, source) in options.sources.enumerated() where source.mayServe(context) {
            sources.join(source, as: .torrent(index), context, on: driver)
        }
    }

    func stopSources() {
        guard isSearching else { return }
        isSearching = false
        let (leaving, trackers) = (sources, trackerMembership)
        sources = JoinedSources()
        trackerMembership = nil
        Task { [driver] in
            if await driver.isWhole { leaving.note(.completed) }
            await leaving.leaveAndWait()
            if let trackers { await remember { $0.untoldCompletion = trackers.untoldCompletion } }
        }
    }

    /// Asks the sources early while there are too few peers.
    func lookAfterPeers() async {
        guard !sources.isEmpty else { return }
        let isShort = try? await driver.loop.submit { [driver] in driver.core.isShortOfPeers(at: .now) }.get()
        if isShort == true { sources.note(.needsPeers) }
    }

    var trackerStatus: [TrackerStatus] { trackerMembership?.status ?? [] }

    /// Announce URLs by tier.
    var trackers: [[String]] { origin.trackers + (options.trackers.isEmpty ? [] : [options.trackers]) }

    func lookUpNamedPeers() {
        let named = origin.peers
        guard !named.isEmpty else { return }
        let direct = named.compactMap(\.endpoint)
        driver.loop.execute { [driver] in driver.handleFound(direct, from: .manual) }
        let names = named.filter { $0.endpoint == nil }
        guard !names.isEmpty else { return }
        tasks.append(
            Task { [driver] in
                for peer in names {
                    let found = await peer.lookUp()
                    driver.loop.execute { driver.handleFound(found, from: .manual) }
                }
            }
        )
    }
}

extension SwarmDriver {
    /// Every piece is stored. Sources are told of a completion before they are left, even if its report is still on its
    /// way.
    var isWhole: Bool {
        get async { await (try? loop.submit { [self] in core.isSeed }.get()) ?? false }
    }
}

extension PeerSource {
    /// Returns whether the torrent may join the source.
    func mayServe(_ swarm: SourceContext) -> Bool { swarm.isPrivate != true || traits.servesPrivateTorrents }
}
