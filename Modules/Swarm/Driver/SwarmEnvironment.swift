// SPDX-License-Identifier: Apache-2.0

internal import RucheDHT
internal import RucheStorage
internal import RucheTrackers
package import RucheTransport
internal import RucheWire

/// What the torrents of one session share. Created once by the session.
package struct SwarmEnvironment: Sendable {
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
    /// The session's DHT node, if it runs one.
    let dht: DHTNode?

    /// An environment without rate limits.
    package init(
        runtime: TransportRuntime,
        dialer: PeerDialer,
        limits: SwarmLimits,
        network: NetworkPolicy = NetworkPolicy(),
        openFilesPerTorrent: Int = 16,
        binding: LocalBinding = LocalBinding()
    ) {
        self.init(
            runtime: runtime,
            dialer: dialer,
            limits: limits,
            network: network,
            openFilesPerTorrent: openFilesPerTorrent,
            binding: binding,
            dht: nil
        )
    }

    private init(
        runtime: TransportRuntime,
        dialer: PeerDialer,
        limits: SwarmLimits,
        network: NetworkPolicy,
        openFilesPerTorrent: Int,
        binding: LocalBinding,
        dht: DHTNode?
    ) {
        self.runtime = runtime
        self.dialer = dialer
        self.limits = limits
        self.network = network
        self.openFilesPerTorrent = openFilesPerTorrent
        scans = ScanPlaces(runtime.blocking)
        self.dht = dht
        webSeeds = WebSeedClient(binding: binding, runtime: runtime)
        receiving = ReceiveBudget(limitBytes: limits.receiveBufferBytes)
        downloadLimit = SharedRateLimit(at: runtime.now)
        uploadLimit = SharedRateLimit(at: runtime.now)
    }

    /// The environment of a session's torrents.
    init(
        runtime: TransportRuntime,
        dialer: PeerDialer,
        configuration: SessionConfiguration,
        plan: DescriptorPlan,
        dht: DHTNode?
    ) {
        var limits = configuration.limits
        limits.peersPerSession = plan.connections
        limits.awakeTorrents = plan.awakeTorrents
        self.init(
            runtime: runtime,
            dialer: dialer,
            limits: limits,
            network: configuration.network,
            openFilesPerTorrent: plan.openFilesPerTorrent,
            binding: configuration.binding,
            dht: dht
        )
        downloadLimit.setRate(configuration.downloadLimitBytesPerSecond, at: runtime.now)
        uploadLimit.setRate(configuration.uploadLimitBytesPerSecond, at: runtime.now)
    }

    /// Makes a seed for random choices, another each time.
    func makeSeed() -> UInt64 {
        var random = runtime.makeRandom()
        return random.next()
    }
}
