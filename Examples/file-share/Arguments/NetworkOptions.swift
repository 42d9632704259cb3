// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Logging
import RucheSwarm
public import RucheTransport
import RucheWire

/// What `seed` and `get` have in common: how to connect to peers.
struct NetworkOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where to accept peers: ADDRESS:PORT, [ADDRESS]:PORT or PORT.", valueName: "where"))
    var listen: ListenAddress?

    @Option(help: ArgumentHelp("A peer to connect to, as HOST:PORT; may be repeated.", valueName: "host:port"))
    var peer: [PeerAddress] = []

    @Option(
        help: ArgumentHelp(
            "An additional tracker: udp://HOST:PORT, http://HOST/announce or https://…; may be repeated.",
            valueName: "url"
        )
    )
    var tracker: [TrackerAddress] = []

    @Option(help: ArgumentHelp("Download at most this many bytes per second: 500K, 2M.", valueName: "rate"))
    var limitDown: ByteAmount?

    @Option(help: ArgumentHelp("Upload at most this many bytes per second: 500K, 2M.", valueName: "rate"))
    var limitUp: ByteAmount?

    @Option(help: "Encrypt connections if the peer supports it, always, or never.")
    var encryption = EncryptionPolicy.prefer

    @Option(help: ArgumentHelp("Connect to at most this many peers.", valueName: "count"))
    var maxPeers: Int?

    @Option(
        help: ArgumentHelp(
            "Use only this local address or network interface, such as wg0; may be repeated, once for each family.",
            valueName: "address|interface"
        )
    )
    var bind: [BindAddress] = []

    @Option(
        help: ArgumentHelp(
            "Connect through a proxy only: socks5://[USER:PASSWORD@]HOST:PORT or http://…. Turns off what it cannot carry.",
            valueName: "url"
        )
    )
    var proxy: ProxyAddress?

    @Flag(
        inversion: .prefixedNo,
        help: "Also use uTP (UDP): to connect where TCP fails, and for incoming peers; off by default."
    )
    var utp: Bool?

    @Flag(help: "Do not use TCP for peers, only uTP.")
    var noTcp = false

    @Option(
        help: ArgumentHelp(
            "A file with addresses to have no connections with (ipfilter.dat, PeerGuardian, CIDR); may be repeated.",
            valueName: "file"
        ),
        completion: .file()
    )
    var block: [String] = []

    @Flag(help: "Do not exchange addresses of peers with peers.")
    var noPex = false

    @Flag(help: "Do not use the distributed hash table (DHT).")
    var noDht = false

    @Option(
        help: ArgumentHelp(
            "A DHT node to bootstrap from, instead of the well-known ones; may be repeated.",
            valueName: "host:port"
        )
    )
    var dhtBootstrap: [PeerAddress] = []

    @Flag(help: "Do not use local peer discovery.")
    var noLan = false

    @Flag(help: "Do not ask the router to map a port.")
    var noPortMapping = false

    func validate() throws {
        if let maxPeers, !(1...100_000).contains(maxPeers) {
            throw ValidationError("--max-peers must be from 1 to 100000, not \(maxPeers).")
        }
        if noTcp, utp == false { throw ValidationError("--no-tcp and --no-utp leave no way to reach peers.") }
        if proxy != nil, noTcp { throw ValidationError("--proxy needs TCP.") }
        if boundInterfaces.count > 1 { throw ValidationError("--bind takes one interface.") }
        if Set(boundAddresses.map(\.isIPv4)).count < boundAddresses.count {
            throw ValidationError("--bind takes one address of each family.")
        }
    }

    /// Options of a torrent with the peers and trackers of the command line. Throws like `findPeers`.
    func makeAddOptions(_ console: Console, json: Bool) async throws -> AddOptions {
        var options = AddOptions()
        options.peers = try await findPeers(console, json: json)
        options.trackers = tracker.map(\.text)
        return options
    }

    /// Throws if a list of `--block` cannot be read, or the proxy's name is unknown.
    func makeConfiguration(
        downloads: String,
        logger: Logger,
        _ console: Console
    ) async throws -> SessionConfiguration {
        var configuration = SessionConfiguration(downloads: downloads, logger: logger)
        configuration.port = listen?.port ?? 0
        configuration.binding = binding
        configuration.binding.proxy = try await proxy?.findRoute(over: binding)
        configuration.channels = encryption.channels
        configuration.downloadLimitBytesPerSecond = limitDown?.bytes
        configuration.uploadLimitBytesPerSecond = limitUp?.bytes
        configuration.transports = transports
        configuration.usesPeerExchange = !noPex
        configuration.blocked = try BlockLists.read(block, console)
        configuration.usesDHT = !noDht
        if !dhtBootstrap.isEmpty {
            configuration.dhtBootstrap = dhtBootstrap.map(\.name)
        }
        configuration.usesLocalDiscovery = !noLan
        configuration.mapsPorts = !noPortMapping
        if let maxPeers {
            configuration.limits.peersPerTorrent = maxPeers
            configuration.limits.peersPerSession = max(configuration.limits.peersPerSession, maxPeers)
        }
        return configuration
    }

    /// Without the proxy.
    private var binding: LocalBinding {
        let addresses = boundAddresses.isEmpty ? listen?.address.map { [$0] } ?? [] : boundAddresses
        return LocalBinding(addresses: addresses, interface: boundInterfaces.first)
    }

    private var boundAddresses: [IPAddress] {
        bind.compactMap { if case .address(let address) = $0 { address } else { nil } }
    }

    private var boundInterfaces: [String] {
        bind.compactMap { if case .interface(let name) = $0 { name } else { nil } }
    }

    private var transports: [TransportRecipe] {
        if noTcp { return [.utp] }
        return utp == true ? [.tcp, .utp] : TransportRecipe.standard
    }

    /// Returns the endpoints of the peers on the command line. Throws if a name is unknown, or would have to be looked up
    /// around a proxy.
    private func findPeers(_ console: Console, json: Bool) async throws -> [PeerEndpoint] {
        var found: [PeerEndpoint] = []
        for peer in peer {
            guard proxy == nil || peer.isAddress else {
                throw CommandFailure(
                    "with --proxy, --peer must name an address: \(peer.name.host) would be looked up around it"
                )
            }
            let notice = Notice {
                if json {
                    console.print(["event": "lookup", "host": .string(peer.name.host)])
                } else {
                    console.print("Looking up \(peer.name.host)")
                }
            }
            defer { notice.cancel() }
            found += try await peer.find("peer", over: binding)
        }
        return found
    }
}

extension EncryptionPolicy: @retroactive ExpressibleByArgument {}
