// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheTransport
package import RucheWire

/// A host's connections as a transport, for production code that dials and listens.
///
/// Called on the thread that runs the network.
package final class VirtualTransport: PeerTransport, @unchecked Sendable {  // confined to the network's thread
    /// A simulated network.
    package let kind = TransportKind.virtual

    private let host: VirtualHost
    private let port: UInt16
    private var isListening = false
    /// Makes what users get of each stream.
    var wrap: (any AcceptedStream) -> any AcceptedStream = { $0 }

    /// A transport of `host` that listens on `port`, if it is asked to.
    package init(_ host: VirtualHost, port: UInt16 = 6881) {
        self.host = host
        self.port = port
    }

    /// Whether the endpoint is of the network's family.
    package func canReach(_ remote: PeerEndpoint) -> Bool { remote.address.isIPv4 }

    /// Dials over the network.
    package func dial(
        _ dial: PeerDial,
        on loop: any EventLoop,
        then: @escaping @Sendable (Result<any PeerStream, TransportError>) -> Void
    ) -> DialTicket {
        let attempt = VirtualDial(dial.remote, then)
        loop.assumeIsolated().scheduleTask(in: TimeAmount(dial.timeout)) { attempt.fail(.timeout) }
        host.dial(dial.remote) { [wrap] stream in
            guard let stream else { return attempt.fail(.unreachable) }
            attempt.succeed(stream) { wrap(VirtualPeerStream(stream, on: loop)) }
        }
        return DialTicket { loop.execute { attempt.fail(.stopped) } }
    }

    /// Listens on the transport's port.
    ///
    /// - Throws: `TransportError`: `.portInUse` if the host listens there already.
    package func listen(_ door: any PeerDoor) async throws(TransportError) -> [PeerEndpoint] {
        let host = host
        do {
            return try await host.loop.submit { [self] in try listen(by: door) }.get()
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(.stopped, "listen on a virtual host")
        }
    }

    /// Listens on the transport's port, at once. Called on the network's thread.
    func listen(by door: any PeerDoor) throws(TransportError) -> [PeerEndpoint] {
        guard host.listeners[port] == nil else { throw TransportError(.portInUse, "listen on port \(port)") }
        isListening = true
        host.listen(on: port) { [loop = host.loop, wrap] stream in
            guard let pass = door.admit(stream.remote) else { return stream.close() }
            door.enter(wrap(VirtualPeerStream(stream, on: loop)), with: pass)
        }
        return [PeerEndpoint(address: host.address, port: port)]
    }

    /// Stops listening.
    package func close() async {
        try? await host.loop.submit { [self] in stopListening() }.get()
    }

    /// Stops listening, at once. Called on the network's thread.
    func stopListening() {
        guard isListening else { return }
        isListening = false
        host.listeners[port] = nil
    }
}

/// A dial under way: it ends once, by the network's answer, its deadline or its ticket.
private final class VirtualDial: @unchecked Sendable {  // confined to its loop
    private let remote: PeerEndpoint
    private var then: (@Sendable (Result<any PeerStream, TransportError>) -> Void)?

    init(_ remote: PeerEndpoint, _ then: @escaping @Sendable (Result<any PeerStream, TransportError>) -> Void) {
        self.remote = remote
        self.then = then
    }

    func succeed(_ connection: VirtualStream, _ makeStream: () -> any PeerStream) {
        guard let then else { return connection.cut() }
        self.then = nil
        then(.success(makeStream()))
    }

    func fail(_ code: TransportError.Code) {
        guard let then else { return }
        self.then = nil
        then(.failure(TransportError(code, "dial \(remote)")))
    }
}
