// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// Where peers come from.
extension TorrentLifecycle {
    func startSources() {
        guard announcer == nil, let session else { return }
        driver.loop.execute { [driver, options] in driver.handleFound(options.peers, from: .manual) }
        announcer = session.makeAnnouncer(for: self)
        resting = nil
        startAppSources(session)
    }

    /// More has become known of the torrent: the sources are asked anew.
    func restartAppSources() {
        guard let session else { return }
        stopAppSources()
        startAppSources(session)
    }

    private func startAppSources(_ session: Session) {
        let query = PeerQuery(
            hashes: origin.hashes,
            listenPort: session.port,
            isPrivate: metainfo?.info.isPrivate
        )
        for source in options.sources where query.isPrivate != true || source.servesPrivateTorrents {
            let stream = source.endpoints(for: query)
            sourceTasks.append(
                Task { [driver] in
                    for await endpoints in stream {
                        driver.loop.execute { driver.handleFound(endpoints, from: .manual) }
                    }
                }
            )
        }
    }

    func stopSources() {
        stopAppSources()
        guard let announcer else { return }
        self.announcer = nil
        Task { [driver] in
            await announcer.noteCompletion(of: driver)
            let untold = await announcer.stopAndWait()
            await remember { $0.untoldCompletion = untold }
        }
    }

    private func stopAppSources() {
        for task in sourceTasks { task.cancel() }
        sourceTasks = []
    }

    /// Asks the trackers early while there are too few peers.
    func lookAfterPeers() async {
        guard let announcer else { return }
        let isShort = try? await driver.loop.submit { [driver] in driver.core.isShortOfPeers(at: .now) }.get()
        if isShort == true { announcer.handleNeedOfPeers() }
    }

    var trackerStatus: [TrackerStatus] { announcer?.status ?? [] }

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
                    let found = await HostLookup.endpoints(host: peer.host, port: peer.port)
                    driver.loop.execute { driver.handleFound(found, from: .manual) }
                }
            }
        )
    }
}

extension TorrentAnnouncer {
    /// Trackers are told of a completion before they are told that we leave, even if its report is still on its way.
    func noteCompletion(of driver: SwarmDriver) async {
        let isWhole = try? await driver.loop.submit { driver.core.isSeed }.get()
        if isWhole == true { handleCompleted() }
    }
}
