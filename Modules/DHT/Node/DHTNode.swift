// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
public import RucheTransport
public import RucheWire

/// A node of the BitTorrent DHT. It finds peers and items without a server, and stores those of others.
///
///     let node = try await DHTNode.open(configuration: .init(bootstrap: [first]), runtime: runtime)
///     for try await peers in node.findPeers(of: infoHash) { … }
///     try await node.put(DHTItem("Hello World!"))
///     await node.close()
///
/// It runs on its own UDP port or on a shared one. All its state is confined to the port's event loop; call members on
/// any thread.
///
/// Owner: the session or the app, which closes it before the port's runtime stops.
public final class DHTNode: Sendable {
    /// The endpoints to which the node is bound: at most one per family, IPv4 first.
    public var endpoints: [PeerEndpoint] { port.endpoints }

    let port: any DatagramPort
    let driver: DHTDriver
    private let ownsPort: Bool

    private init(on port: any DatagramPort, ownsPort: Bool, driver: DHTDriver) {
        self.port = port
        self.ownsPort = ownsPort
        self.driver = driver
    }

    /// Opens a UDP port and runs a node on it.
    ///
    /// - Parameters:
    /// - port: the port to bind; 0 chooses any.
    ///   - binding: the local addresses or interface to use.
    /// - Throws: `DHTError` with the code `.socket`, or `.unfitTable` for `configuration.saved`.
    public static func open(
        port: UInt16 = 0,
        binding: LocalBinding = .init(),
        configuration: DHTConfiguration = .init(),
        runtime: TransportRuntime
    ) async throws(DHTError) -> DHTNode {
        let opened: UDPPort
        do {
            opened = try await UDPPort.open(port: port, binding: binding, runtime: runtime)
        } catch {
            throw DHTError(.socket, "\(error)")
        }
        do {
            return try await start(on: opened, ownsPort: true, configuration)
        } catch {
            await opened.close()
            throw error
        }
    }

    /// Runs a node on a shared port, which the caller closes after the node.
    ///
    /// - Throws: `DHTError` with the code `.unfitTable` for `configuration.saved`, `.stopped` if the loop has stopped.
    package static func start(
        on port: any DatagramPort,
        configuration: DHTConfiguration = .init()
    ) async throws(DHTError) -> DHTNode {
        try await start(on: port, ownsPort: false, configuration)
    }

    private static func start(
        on port: any DatagramPort,
        ownsPort: Bool,
        _ configuration: DHTConfiguration
    ) async throws(DHTError) -> DHTNode {
        let saved = try configuration.saved.map { bytes throws(DHTError) in try SavedTable(parsing: bytes) }
        let driver = DHTDriver(port: port, configuration: configuration)
        let node = DHTNode(on: port, ownsPort: ownsPort, driver: driver)
        try await driver.onLoop { state in
            driver.act(&state) { core, batch in
                if let saved { core.restore(saved, in: &batch) }
                core.addNamedNodes(configuration.bootstrap, in: &batch)
            }
        }
        port.attach(driver, order: .dictionary)
        return node
    }

    /// Adds a node, such as a peer that sent a PORT message (BEP 5). It is pinged before it is trusted.
    public func add(node endpoint: PeerEndpoint) {
        driver.whenOnLoop { driver, state in
            driver.act(&state) { core, batch in core.handleNamed(endpoint, in: &batch) }
        }
    }

    /// Adds bootstrap nodes, and fills the table from them if it is nearly empty.
    public func bootstrap(from endpoints: [PeerEndpoint]) {
        driver.whenOnLoop { driver, state in
            driver.act(&state) { core, batch in core.addNamedNodes(endpoints, in: &batch) }
        }
    }

    /// Returns the routing table and the node's ids, for `DHTConfiguration.saved` of the next run; about 8 KiB.
    ///
    /// - Throws: `DHTError` with the code `.stopped`.
    public func save() async throws(DHTError) -> [UInt8] {
        try await driver.onLoop { state in SavedTable(state.core).encoded(forms: state.core.families.map(\.form)) }
    }

    /// Returns the current status of the node.
    ///
    /// - Throws: `DHTError` with the code `.stopped`.
    public func status() async throws(DHTError) -> DHTStatus {
        try await driver.onLoop { state in DHTStatus(state.core, at: .now) }
    }

    /// Returns the node's status now and every `interval`, until the node is closed or the sequence is cancelled. A
    /// slow reader gets the latest status.
    public func statuses(every interval: Interval = .seconds(1)) -> AsyncStream<DHTStatus> {
        let (stream, continuation) = AsyncStream.makeStream(of: DHTStatus.self, bufferingPolicy: .bufferingNewest(1))
        driver.watch(every: max(interval, .milliseconds(10)), continuation)
        return stream
    }

    /// Ends all operations with `.stopped` and detaches from the port; closes the port if the node opened it.
    public func close() async {
        port.detach(driver)
        try? await driver.onLoop { [driver] state in driver.stop(&state) }
        if ownsPort { await port.close() }
    }
}
