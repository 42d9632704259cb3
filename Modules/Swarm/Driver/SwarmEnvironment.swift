// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// What the torrents of one session share. Created once by the session.
struct SwarmEnvironment: Sendable {
    let runtime: TransportRuntime
    let dialer: PeerDialer
    let limits: SwarmLimits
    let network: NetworkPolicy
    let downloadLimit: SharedRateLimit
    let uploadLimit: SharedRateLimit
    let receiving: ReceiveBudget
    let webSeeds: WebSeedClient
    /// Files that one torrent keeps open.
    let openFilesPerTorrent: Int
    /// The places at which all torrents' data is checked.
    let scans: ScanPlaces

    init(
        runtime: TransportRuntime,
        dialer: PeerDialer,
        configuration: SessionConfiguration,
        plan: DescriptorPlan
    ) {
        self.runtime = runtime
        self.dialer = dialer
        var limits = configuration.limits
        limits.peersPerSession = plan.connections
        limits.awakeTorrents = plan.awakeTorrents
        self.limits = limits
        network = configuration.network
        openFilesPerTorrent = plan.openFilesPerTorrent
        scans = ScanPlaces(runtime.blocking)
        webSeeds = WebSeedClient(binding: configuration.binding, runtime: runtime)
        receiving = ReceiveBudget(limitBytes: limits.receiveBufferBytes)
        downloadLimit = SharedRateLimit(rateBytesPerSecond: configuration.downloadLimitBytesPerSecond, at: .now)
        uploadLimit = SharedRateLimit(rateBytesPerSecond: configuration.uploadLimitBytesPerSecond, at: .now)
    }

    /// Returns a different seed for each torrent; random choices follow from it.
    func makeSeed() -> UInt64 { .random(in: 0...(.max)) }
}
