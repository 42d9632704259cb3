// SPDX-License-Identifier: Apache-2.0

internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// What the torrents of one session share. Made by the session, once.
struct SwarmEnvironment: Sendable {
    let runtime: TransportRuntime
    let dialer: PeerDialer
    let limits: SwarmLimits
    let downloadLimit: SharedRateLimit
    let uploadLimit: SharedRateLimit
    let connections: ConnectionCount
    let receiving: ReceiveBudget
    let webSeeds: WebSeedClient

    init(runtime: TransportRuntime, dialer: PeerDialer, configuration: SessionConfiguration) {
        self.runtime = runtime
        self.dialer = dialer
        limits = configuration.limits
        webSeeds = WebSeedClient(binding: configuration.binding, runtime: runtime)
        connections = ConnectionCount(limit: limits.peersPerSession)
        receiving = ReceiveBudget(limitBytes: limits.receiveBufferBytes)
        downloadLimit = SharedRateLimit(rateBytesPerSecond: configuration.downloadLimitBytesPerSecond, at: .now)
        uploadLimit = SharedRateLimit(rateBytesPerSecond: configuration.uploadLimitBytesPerSecond, at: .now)
    }

    /// For each torrent another; random choices follow from it.
    func makeSeed() -> UInt64 { .random(in: 0...(.max)) }
}
