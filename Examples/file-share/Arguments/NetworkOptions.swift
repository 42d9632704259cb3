// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Logging
import RucheSwarm
public import RucheTransport
import RucheWire

/// What `seed` and `get` have in common: where and how to speak with peers.
struct NetworkOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where to take connections: ADDRESS:PORT, [ADDRESS]:PORT or PORT.", valueName: "where"))
    var listen: ListenAddress?

    @Option(help: ArgumentHelp("A peer to connect to, as HOST:PORT; may be repeated.", valueName: "host:port"))
    var peer: [PeerAddress] = []

    @Option(
        help: ArgumentHelp(
            "A further tracker: udp://HOST:PORT, http://HOST/announce or https://…; may be repeated.",
            valueName: "url"
        )
    )
    var tracker: [TrackerAddress] = []

    @Option(help: ArgumentHelp("Download at most this many bytes a second: 500K, 2M.", valueName: "rate"))
    var limitDown: ByteAmount?

    @Option(help: ArgumentHelp("Upload at most this many bytes a second: 500K, 2M.", valueName: "rate"))
    var limitUp: ByteAmount?

    @Option(help: "Encrypt connections where the peer can, always, or never.")
    var encryption = EncryptionPolicy.prefer

    @Option(help: ArgumentHelp("Connect to at most this many peers.", valueName: "count"))
    var maxPeers: Int?

    @Option(help: ArgumentHelp("Use this network interface only, such as wg0.", valueName: "name"))
    var interface: String?

    @Flag(help: "Connect over uTP (UDP) where TCP does not get through, and let peers connect so.")
    var utp = false

    @Flag(help: "Do not use the distributed hash table (DHT).")
    var noDht = false

    @Option(
        help: ArgumentHelp(
            "A node of the DHT to begin with, instead of the well-known ones; may be repeated.",
            valueName: "host:port"
        )
    )
    var dhtBootstrap: [PeerAddress] = []

    @Flag(help: "Neither look for peers on the local network nor be found there.")
    var noLan = false

    @Flag(help: "Do not ask the router to map the port for peers outside.")
    var noPortMapping = false

    func validate() throws {
        if let maxPeers, !(1...100_000).contains(maxPeers) {
            throw ValidationError("--max-peers must be from 1 to 100000, not \(maxPeers).")
        }
        if let interface, interface.isEmpty { throw ValidationError("--interface must be a name, such as eth0.") }
    }

    func makeConfiguration(downloads: String, logger: Logger) -> SessionConfiguration {
        var configuration = SessionConfiguration(downloads: downloads, logger: logger)
        configuration.port = listen?.port ?? 0
        configuration.binding = LocalBinding(addresses: listen?.address.map { [$0] } ?? [], interface: interface)
        configuration.encryption = encryption
        configuration.downloadLimitBytesPerSecond = limitDown?.bytes
        configuration.uploadLimitBytesPerSecond = limitUp?.bytes
        if utp { configuration.transports = [.tcp, .utp] }
        configuration.usesDHT = !noDht
        if !dhtBootstrap.isEmpty {
            configuration.dhtBootstrap = dhtBootstrap.map { DHTBootstrapNode(host: $0.host, port: $0.port) }
        }
        configuration.usesLocalDiscovery = !noLan
        configuration.mapsPorts = !noPortMapping
        if let maxPeers {
            configuration.limits.peersPerTorrent = maxPeers
            configuration.limits.peersPerSession = max(configuration.limits.peersPerSession, maxPeers)
        }
        return configuration
    }

    /// Where the peers that were named are. Throws where a name is not known.
    func findPeers(_ console: Console, json: Bool) async throws -> [PeerEndpoint] {
        var found: [PeerEndpoint] = []
        for peer in peer {
            let notice = Notice {
                if json {
                    console.print(["event": "lookup", "host": .string(peer.host)])
                } else {
                    console.print("Looking up \(peer.host)")
                }
            }
            defer { notice.cancel() }
            found += try await peer.find("peer")
        }
        return found
    }
}

extension EncryptionPolicy: ExpressibleByArgument {}
