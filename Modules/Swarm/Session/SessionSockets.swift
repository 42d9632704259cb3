// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import RucheTransport
internal import RucheWire

/// Everything that a session opens towards the network: its transports, the listener, its UDP port.
struct SessionSockets: Sendable {
    /// In order of preference.
    let transports: [any PeerTransport]
    /// Nil if the session accepts no connections.
    let listener: PeerListener?
    /// Where it accepts connections.
    let endpoints: [PeerEndpoint]
    /// UDP on the port of `endpoints`, or on any port if no connections are accepted.
    let datagrams: any DatagramPort

    /// Opens everything. Transports with sockets of their own come first, because the UDP port uses their number.
    ///
    /// - Throws: `TransportError` if a port or address is in use. Nothing stays open then.
    init(
        _ configuration: SessionConfiguration,
        _ runtime: TransportRuntime,
        letIn listener: PeerListener?
    ) async throws(TransportError) {
        var made: [any PeerTransport] = []
        var opened: (any DatagramPort)?
        let recipes = configuration.transports.filter { configuration.binding.proxy == nil || $0.usesProxy }
        do throws(TransportError) {
            var endpoints: [PeerEndpoint] = []
            for recipe in recipes where !recipe.usesDatagrams {
                let port = endpoints.first?.port ?? configuration.port ?? 0
                let context = TransportRecipe.Context(runtime: runtime, binding: configuration.binding, port: port)
                made.append(try recipe.makeTransport(context))
                endpoints += try await listener?.listen(by: made[made.count - 1]) ?? []
            }
            let port = endpoints.first?.port ?? configuration.listeningPort ?? 0
            let datagrams = try await Session.openDatagrams(on: port, configuration, runtime)
            opened = datagrams
            for recipe in recipes where recipe.usesDatagrams {
                let context = TransportRecipe.Context(
                    runtime: runtime,
                    binding: configuration.binding,
                    port: datagrams.endpoints.first?.port ?? port,
                    datagrams: datagrams
                )
                made.append(try recipe.makeTransport(context))
                endpoints += try await listener?.listen(by: made[made.count - 1]) ?? []
            }
            self.endpoints = endpoints
            self.datagrams = datagrams
        } catch {
            for transport in made { await transport.close() }
            await opened?.close()
            throw error
        }
        self.listener = listener
        transports = recipes.compactMap { recipe in made.first { $0.kind == recipe.kind } }
    }

    /// Stops accepting connections. Open ones stay open.
    func stopListening() async {
        listener?.close()
        for transport in transports { await transport.close() }
    }
}
