// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheWire

/// A way to reach peers and be reached. `checkPeerTransport` in RucheTesting checks a conformer against this
/// documentation.
///
/// Owner: the session, which closes it after its listener and before its runtime. Safe to call from any thread.
public protocol PeerTransport: Sendable {
    /// The kind.
    var kind: TransportKind { get }

    /// Returns whether dialling `remote` makes sense.
    func canReach(_ remote: PeerEndpoint) -> Bool

    /// Opens a stream on `loop`, one of the runtime's. `then` is called there, once.
    func dial(
        _ dial: PeerDial,
        on loop: any EventLoop,
        then: @escaping @Sendable (Result<any PeerStream, TransportError>) -> Void
    ) -> DialTicket

    /// Accepts peers through `door` until `close`. Returns where it listens: one endpoint per family. Called once.
    ///
    /// - Throws: `TransportError`, such as `.portInUse` or `.localBinding`.
    func listen(_ door: any PeerDoor) async throws(TransportError) -> [PeerEndpoint]

    /// Stops listening and frees the ports. Open streams stay open.
    func close() async
}

/// Receives the peers that connect to us from a transport.
public protocol PeerDoor: Sendable {
    /// Returns whether nothing from `address` may be answered. For transports that answer a peer before they ask for
    /// a place; `admit` refuses these addresses too. Called on any thread, for each new connection.
    func isClosed(to address: IPAddress) -> Bool

    /// Requests a place before any resources are spent on a connection from `remote`; nil means refuse it. Releasing
    /// the pass returns the place. Called on any thread.
    func admit(_ remote: PeerEndpoint) -> StrangerPass?

    /// Passes on a stream that has opened. Called on its loop.
    func enter(_ stream: any AcceptedStream, with pass: StrangerPass)
}

extension PeerDoor {
    /// Returns false: by default every address may be answered.
    public func isClosed(to address: IPAddress) -> Bool { false }
}
