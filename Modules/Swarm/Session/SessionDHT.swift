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

    /// The time between two attempts to find a first node.
    private static let pause = Interval.seconds(30)
    /// About ten times the size of a table.
    private static let tableByteCount = 128 << 10

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
        let names = configuration.dhtBootstrap
        bootstrap = Task { [node] in
            while !Task.isCancelled {
                for name in names {
                    node.bootstrap(from: await name.lookUp(over: configuration.binding))
                }
                try? await Task.sleep(nanoseconds: UInt64(Self.pause.nanoseconds))
                // From then on, nodes that answered name others.
                if let status = try? await node.status(), status.goodNodeCount > 0 { return }
            }
        }
    }

    /// Saves the table, and releases the port.
    func close() async {
        bootstrap.cancel()
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
