// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// Peers over uTP (BEP 29) on a session's UDP port.
///
/// Owner: the session, which closes it before the port.
package final class UTPTransport: PeerTransport {
    private let socket: UTPSocket
    private let port: any DatagramPort

    /// Runs uTP on `port`.
    package init(on port: any DatagramPort, limits: UTPLimits = .init()) {
        self.port = port
        socket = UTPSocket(on: port, limits: limits)
    }

    /// `utp`.
    package var kind: TransportKind { .utp }

    /// Returns whether the port has the family of `remote`.
    package func canReach(_ remote: PeerEndpoint) -> Bool {
        remote.port != 0 && port.endpoints.contains { $0.address.isIPv4 == remote.address.isIPv4 }
    }

    /// Opens a stream; see `PeerTransport`.
    package func dial(
        _ dial: PeerDial,
        on loop: any EventLoop,
        then: @escaping @Sendable (Result<any PeerStream, TransportError>) -> Void
    ) -> DialTicket {
        let handle = socket.dial(dial.remote, deadline: dial.timeout) { result in
            let opened = result.map { UTPLoopStream.make($0, on: loop) as any PeerStream }
            loop.execute { then(opened) }
        }
        return DialTicket { handle.cancel() }
    }

    /// Accepts peers through `door`, at the port's endpoints.
    ///
    /// - Throws: Nothing; the port is open already.
    package func listen(_ door: any PeerDoor) async throws(TransportError) -> [PeerEndpoint] {
        socket.listen(refusing: door.isClosed) { near in
            guard let pass = door.admit(near.facts.remote) else { return near.abort() }
            door.enter(UTPLoopStream.make(near, on: near.loop), with: pass)
        }
        return port.endpoints
    }

    /// Stops listening. Open streams stay open until the port closes.
    package func close() async { await socket.stopListening() }
}

/// A dial under way on a `UTPSocket`.
package final class UTPDialHandle: Sendable {
    private let stream: NIOLoopBoundBox<UTPStream?>
    private let loop: any EventLoop

    init(on loop: any EventLoop) {
        self.loop = loop
        stream = .makeBoxSendingValue(nil, eventLoop: loop)
    }

    /// Cancels the dial, which fails with `.stopped` unless it has ended.
    package func cancel() {
        loop.execute { [stream] in stream.value?.handleCancelled() }
    }

    func hold(_ stream: UTPStream) { self.stream.value = stream }
}
