// SPDX-License-Identifier: Apache-2.0

public import Logging
internal import RucheStorage
public import RucheTransport
public import RucheWire

/// How a session is set up. Only its rates change afterwards: see `Session.setRates`.
public struct SessionConfiguration: Sendable {
    /// Where files go unless a torrent says otherwise.
    public var downloads: String
    /// Where resume state is kept, and with it a catalogue of the session's torrents; nil: in `.ruche` below each torrent's
    /// folder, and no catalogue.
    public var stateFolder: String?
    /// Whether the torrents in the state folder's catalogue are brought back at the start, and new ones noted there. One
    /// session at a time may have a state folder so.
    public var remembersTorrents = true
    /// The port to take connections on; 0 lets the system choose, nil takes none.
    public var port: UInt16? = 0
    /// Addresses or interface that everything is bound to.
    public var binding = LocalBinding()
    /// What carries connections, one of a kind and in order of preference. A peer is dialled by the first one, and by the next
    /// one too after a head start (`TransportLimits.dialHeadStart`); which one opens first is used.
    public var transports = TransportRecipe.standard
    /// The secure channels that connections may use, in order of preference: see `EncryptionPolicy` for those of BitTorrent.
    public var channels = EncryptionPolicy.prefer.channels
    /// Sources of peers that every torrent joins, beside its trackers.
    public var sources: [any PeerSource] = []
    /// Find peers by the distributed hash table (BEP 5), and be found there. Private torrents aside.
    public var usesDHT = true
    /// Nodes of it to begin with. The table of an earlier session is kept in the state folder.
    public var dhtBootstrap = wellKnownDHTNodes
    /// Find peers on the local network (BEP 14), and be found there. Private torrents aside.
    public var usesLocalDiscovery = true
    /// Have the router map the session's ports (PCP, NAT-PMP, UPnP), so that peers outside can connect.
    public var mapsPorts = true
    /// All torrents together, bytes per second; nil: no limit. `Session.setRates` changes it later.
    public var downloadLimitBytesPerSecond: Int?
    /// All torrents together, bytes per second; nil: no limit. `Session.setRates` changes it later.
    public var uploadLimitBytesPerSecond: Int?
    /// Every bound of the engine.
    public var limits = SwarmLimits()
    /// Every bound of its sockets.
    public var transportLimits = TransportLimits()
    /// Event loops; nil: one a core.
    public var loopCount: Int?
    /// Threads for disk and hashing; nil: one a core, at least two.
    public var blockingThreadCount: Int?
    /// Our name in handshakes.
    public var clientName = "Ruche 0.1"
    /// First eight bytes of our peer id (BEP 20).
    public var peerIDPrefix = "-RU0100-"
    /// Where to log to.
    public var logger: Logger

    /// The defaults, with files below `downloads`.
    public init(downloads: String, logger: Logger = Logger(label: "ruche")) {
        self.downloads = downloads
        self.logger = logger
    }
}

extension SessionConfiguration {
    /// Public nodes of the DHT that established clients begin with.
    public static let wellKnownDHTNodes = [
        NamedEndpoint(host: "dht.libtorrent.org", port: 25_401),
        NamedEndpoint(host: "router.bittorrent.com", port: 6_881),
        NamedEndpoint(host: "dht.transmissionbt.com", port: 6_881),
        NamedEndpoint(host: "router.utorrent.com", port: 6_881),
    ]
}

extension DescriptorPlan {
    /// Raises the process's limit, and shares out what there is.
    init(_ configuration: SessionConfiguration) {
        let limits = configuration.limits
        let wanted = Wanted(
            connections: limits.peersPerSession,
            strangers: configuration.transportLimits.pendingIncoming,
            dials: configuration.transportLimits.halfOpenDials,
            awakeTorrents: limits.awakeTorrents,
            userTorrents: limits.activeDownloads + limits.openings,
            openFilesPerTorrent: StorageLimits().openFiles
        )
        self.init(descriptors: DescriptorLimit.raise(to: configuration.transportLimits.descriptors), wanted: wanted)
    }
}
