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

    @Option(help: ArgumentHelp("Use only this network interface, such as wg0.", valueName: "name"))
    var interface: String?

    @Flag(help: "Also use uTP (UDP): to connect where TCP fails, and for incoming peers.")
    var utp = false

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
        if let interface, interface.isEmpty { throw ValidationError("--interface must be a name, such as eth0.") }
    }

    func makeConfiguration(downloads: String, logger: Logger) -> SessionConfiguration {
        var configuration = SessionConfiguration(downloads: downloads, logger: logger)
        configuration.port = listen?.port ?? 0
        configuration.binding = LocalBinding(addresses: listen?.address.map { [$0] } ?? [], interface: interface)
        configuration.channels = encryption.channels
        configuration.downloadLimitBytesPerSecond = limitDown?.bytes
        configuration.uploadLimitBytesPerSecond = limitUp?.bytes
        if utp { configuration.transports = [.tcp, .utp] }
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

    /// Returns the endpoints of the peers on the command line. Throws if a name is unknown.
    func findPeers(_ console: Console, json: Bool) async throws -> [PeerEndpoint] {
        var found: [PeerEndpoint] = []
        for peer in peer {
            let notice = Notice {
                if json {
                    console.print(["event": "lookup", "host": .string(peer.name.host)])
                } else {
                    console.print("Looking up \(peer.name.host)")
                }
            }
            defer { notice.cancel() }
            found += try await peer.find("peer")
        }
        return found
    }
}

extension EncryptionPolicy: @retroactive ExpressibleByArgument {}
