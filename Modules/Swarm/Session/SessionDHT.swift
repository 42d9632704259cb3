// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import RucheDHT
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// A session's node of the distributed hash table, on its UDP port.
struct SessionDHT: Sendable {
    let source: DHTSource
    let node: DHTNode
    /// The file in which the routing table is kept between sessions.
    private let path: String?
    private let runtime: TransportRuntime
    private let logger: Logger
    private let bootstrap: Task<Void, Never>
    /// Nodes that torrents name, whose names are looked up one after the other.
    private let named: AsyncStream<NamedEndpoint>.Continuation

    /// The time between two attempts to find a first node.
    private static let pause = Interval.seconds(30)
    /// About ten times the size of a table.
    private static let tableByteCount = 128 << 10
    /// Nodes that are taken from one torrent, and that wait to be looked up.
    private static let nodesPerTorrent = 16
    private static let waitingNodes = 256

    /// Starts with the table of an earlier session, and with the configured nodes.
    init(
        _ configuration: SessionConfiguration,
        on port: any DatagramPort,
        _ runtime: TransportRuntime
    ) async throws(DHTError) {
        let logger = configuration.logger
        path = configuration.stateFolder.map { $0 + "/dht-nodes" }
        self.runtime = runtime
        self.logger = logger
        var setup = DHTConfiguration()
        // A proxy lets nobody in who was not asked.
        setup.isReadOnly = configuration.binding.proxy != nil
        if let path {
            setup.saved = try? await runtime.blocking.perform { try SmallFile.read(path, limit: Self.tableByteCount) }
        }
        do {
            node = try await DHTNode.start(on: port, configuration: setup)
        } catch {
            guard error.code == .unfitTable else { throw error }
            logger.warning("the table of DHT nodes is damaged: a new one is created")
            setup.saved = nil
            node = try await DHTNode.start(on: port, configuration: setup)
        }
        source = DHTSource(node)
        let names: AsyncStream<NamedEndpoint>
        (names, named) = AsyncStream.makeStream(
            of: NamedEndpoint.self,
            bufferingPolicy: .bufferingOldest(Self.waitingNodes)
        )
        let binding = configuration.binding
        Task { [node] in
            for await name in names {
                for endpoint in await name.lookUpOrStandIn(over: binding) { node.add(node: endpoint) }
            }
        }
        let first = configuration.dhtBootstrap
        bootstrap = Task { [node] in
            while !Task.isCancelled {
                for name in first {
                    node.bootstrap(from: await name.lookUpOrStandIn(over: binding))
                }
                try? await Task.sleep(nanoseconds: UInt64(Self.pause.nanoseconds))
                // From then on, nodes that answered name others.
                if let status = try? await node.status(), status.goodNodeCount > 0 { return }
            }
        }
    }

    /// Adds the nodes that a public torrent names (BEP 5). They are pinged before they are trusted.
    func addNodes(of metainfo: Metainfo) {
        guard !metainfo.info.isPrivate else { return }
        for name in metainfo.nodes.prefix(Self.nodesPerTorrent) { named.yield(name) }
    }

    /// Saves the table, and releases the port.
    func close() async {
        bootstrap.cancel()
        named.finish()
        source.close()
        if let path, let table = try? await node.save() {
            do {
                try await runtime.blocking.perform { try SmallFile.replace(path, with: table) }
            } catch {
                logger.error("\(error)")
            }
        }
        await node.close()
    }
}
