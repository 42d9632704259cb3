// SPDX-License-Identifier: Apache-2.0

public import Logging
internal import RucheStorage
public import RucheTransport
public import RucheWire

/// The configuration of a session. Only its rates can change afterwards: see `Session.setRates`.
public struct SessionConfiguration: Sendable {
    /// The folder for files unless a torrent has its own.
    public var downloads: String
    /// The folder for resume state and a catalogue of the session's torrents. If nil, resume state is in `.ruche` below
    /// each torrent's folder, and there is no catalogue.
    public var stateFolder: String?
    /// Whether the torrents in the state folder's catalogue are restored at the start, and new ones recorded there.
    /// Only one session at a time may use a state folder in this way.
    public var remembersTorrents = true
    /// The port on which to accept connections; 0 lets the system choose, nil accepts none.
    public var port: UInt16? = 0
    /// Addresses or an interface to which everything is bound, or a proxy. With a proxy, no connections are accepted,
    /// and uTP, local discovery and port mapping are off, because nothing may go around it; so are the DHT and UDP
    /// trackers, unless it speaks SOCKS 5 and relays datagrams.
    public var binding = LocalBinding()
    /// The transports for connections, one of each kind, in order of preference. A peer is dialled by the first one,
    /// and by the next too after a head start of 300 milliseconds; the first to open is used.
    public var transports = TransportRecipe.standard
    /// The secure channels that connections may use, in order of preference: see `EncryptionPolicy` for those of
    /// BitTorrent.
    public var channels = EncryptionPolicy.prefer.channels
    /// Addresses of peers to which no connection is opened, and from which none is accepted. Trackers, web seeds and
    /// nodes of the DHT are still contacted there.
    public var blocked = BlockedAddresses()
    /// Sources of peers that every torrent joins, in addition to its trackers.
    public var sources: [any PeerSource] = []
    /// Whether to find peers through the distributed hash table (BEP 5), and to be found there. Not for private
    /// torrents.
    public var usesDHT = true
    /// The first DHT nodes to contact. The table of an earlier session is kept in the state folder.
    public var dhtBootstrap = wellKnownDHTNodes
    /// Whether to find peers on the local network (BEP 14), and to be found there. Not for private torrents.
    public var usesLocalDiscovery = true
    /// Whether peers tell each other about peers (BEP 11). Not for private torrents.
    public var usesPeerExchange = true
    /// Whether to have the router map the session's ports (PCP, NAT-PMP, UPnP), so that peers outside can connect.
    public var mapsPorts = true
    /// The peers that may download from us, unless a torrent says otherwise.
    public var unchoking = UnchokePolicies()
    /// The download limit for all torrents together in bytes per second; nil for none. `Session.setRates` changes it
    /// later.
    public var downloadLimitBytesPerSecond: Int?
    /// The upload limit for all torrents together in bytes per second; nil for none. `Session.setRates` changes it
    /// later.
    public var uploadLimitBytesPerSecond: Int?
    /// All limits of the engine.
    public var limits = SwarmLimits()
    /// All limits of its sockets.
    public var transportLimits = TransportLimits()
    /// The number of event loops; nil for one per core.
    public var loopCount: Int?
    /// The number of threads for disk and hashing; nil for one per core, at least two.
    public var blockingThreadCount: Int?
    /// The client's name in handshakes.
    public var clientName = "Ruche 0.1"
    /// The first eight bytes of the client's peer id (BEP 20).
    public var peerIDPrefix = "-RU0100-"
    /// The log.
    public var logger: Logger

    /// Creates the default configuration, with files below `downloads`.
    public init(downloads: String, logger: Logger = Logger(label: "ruche")) {
        self.downloads = downloads
        self.logger = logger
    }
}

extension SessionConfiguration {
    /// Public nodes of the DHT that established clients contact first.
    public static let wellKnownDHTNodes = [
        NamedEndpoint(host: "dht.libtorrent.org", port: 25_401),
        NamedEndpoint(host: "router.bittorrent.com", port: 6_881),
        NamedEndpoint(host: "dht.transmissionbt.com", port: 6_881),
        NamedEndpoint(host: "router.utorrent.com", port: 6_881),
    ]
}

extension SessionConfiguration {
    /// The port on which to accept connections; nil accepts none. Peers that connect would go around a proxy.
    var listeningPort: UInt16? { binding.proxy == nil ? port : nil }

    /// What the swarms of the session may do.
    var network: NetworkPolicy {
        var network = NetworkPolicy()
        network.blocked = blocked
        network.usesPeerExchange = usesPeerExchange
        network.punchesHoles = binding.proxy == nil && transports.contains { $0.kind == .utp }
        return network
    }
}

extension DescriptorPlan {
    /// Raises the process's descriptor limit, and divides the available descriptors.
    ///
    /// - Throws: `TransportError.Code.exhausted` if there are fewer than a session needs.
    init(_ configuration: SessionConfiguration) throws(TransportError) {
        let limits = configuration.limits
        let wanted = Wanted(
            connections: limits.peersPerSession,
            strangers: configuration.transportLimits.pendingIncoming,
            dials: configuration.transportLimits.halfOpenDials,
            awakeTorrents: limits.awakeTorrents,
            userTorrents: limits.activeDownloads + limits.openings,
            openFilesPerTorrent: StorageLimits().openFiles
        )
        let descriptors = DescriptorLimit.raise(to: configuration.transportLimits.descriptors)
        let loopCount = TransportRuntime.loopCount(configuration.loopCount)
        try DescriptorLimit.require(Self.fewest(loopCount: loopCount))
        self.init(descriptors: descriptors, loopCount: loopCount, wanted: wanted)
    }
}
