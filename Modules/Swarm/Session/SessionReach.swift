// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import RucheHTTP
internal import RucheTransport
internal import RucheWire

/// The ways for a session's peers to find and reach it besides its trackers: the distributed hash table, the local
/// network, and the router.
struct SessionReach: Sendable {
    private let localNetwork: LocalNetworkSource?
    /// One for each family with which connections are accepted.
    private let mappers: [PortMapper]
    let dht: SessionDHT?

    /// Starts what the configuration asks for. A session that accepts no connections, or is bound to this machine,
    /// needs neither the local network nor the router, and cannot reach the public DHT.
    init(_ configuration: SessionConfiguration, _ sockets: SessionSockets, _ runtime: TransportRuntime) async {
        let binding = configuration.binding
        let isAtHome = !binding.addresses.isEmpty && binding.addresses.allSatisfy(\.isLoopback)
        let mayReachNodes = !isAtHome || configuration.dhtBootstrap != SessionConfiguration.wellKnownDHTNodes
        if configuration.usesDHT, binding.proxy?.carriesDatagrams ?? true, mayReachNodes {
            dht = try? await SessionDHT(configuration, on: sockets.datagrams, runtime)
        } else {
            dht = nil
        }
        guard let port = sockets.endpoints.first?.port, !isAtHome else {
            (localNetwork, mappers) = (nil, [])
            return
        }
        localNetwork = configuration.usesLocalDiscovery ? LocalNetworkSource(port: port, binding, runtime) : nil
        let families = [true, false].filter { isIPv4 in
            configuration.mapsPorts && sockets.endpoints.contains { $0.address.isIPv4 == isIPv4 }
        }
        mappers = families.map { isIPv4 in
            Self.mapPorts(port, sockets, binding, isIPv4: isIPv4, runtime, configuration.logger)
        }
    }

    private static func mapPorts(
        _ port: UInt16,
        _ sockets: SessionSockets,
        _ binding: LocalBinding,
        isIPv4: Bool,
        _ runtime: TransportRuntime,
        _ logger: Logger
    ) -> PortMapper {
        let mapper = PortMapper(
            runtime: runtime,
            router: RouterClient(binding: binding, runtime: runtime),
            binding: binding,
            isIPv4: isIPv4
        )
        let events = mapper.map(tcp: port, udp: sockets.datagrams.endpoints.first?.port)
        Task {
            for await event in events {
                switch event {
                case .mapped(let mapping): logger.info("\(mapping) is mapped")
                case .lost(let mapping): logger.info("\(mapping) is no longer mapped")
                case .failed(let error): logger.debug("no port is mapped: \(error)")
                case .renewed: break
                }
            }
        }
        return mapper
    }

    /// Sources that every torrent joins.
    var sources: [any PeerSource] { ([localNetwork, dht?.source] as [(any PeerSource)?]).compactMap(\.self) }

    /// Removes mappings, and stops all announcements.
    func close() async {
        async let unmapped: Void = withTaskGroup { group in
            for mapper in mappers { group.addTask { await mapper.close() } }
        }
        await dht?.close()
        await localNetwork?.close()
        await unmapped
    }
}
