// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheWire

/// A way to reach peers and be reached. `checkPeerTransport` in RucheTesting holds a conformer to what is said here.
///
/// Owner: the session, which closes it after its listener and before its runtime. Called from any thread.
public protocol PeerTransport: Sendable {
    /// The kind.
    var kind: TransportKind { get }

    /// Whether it makes sense to dial `remote`.
    func canReach(_ remote: PeerEndpoint) -> Bool

    /// Opens a stream on `loop`, one of the runtime's. `then` is called there, once.
    func dial(
        _ dial: PeerDial,
        on loop: any EventLoop,
        then: @escaping @Sendable (Result<any PeerStream, TransportError>) -> Void
    ) -> DialTicket

    /// Lets others in by `door`, until `close`. Returns where it listens: an endpoint for each family. Called once.
    ///
    /// - Throws: `TransportError`, such as `.portInUse` or `.localBinding`.
    func listen(_ door: any PeerDoor) async throws(TransportError) -> [PeerEndpoint]

    /// Stops listening; its ports are free afterwards. Open streams live on.
    func close() async
}

/// Where a transport brings those who connect to us.
public protocol PeerDoor: Sendable {
    /// Asks for a place before anything is spent on a connection from `remote`; nil: refuse it. The pass is given back by
    /// letting go of it. Called on any thread.
    func admit(_ remote: PeerEndpoint) -> StrangerPass?

    /// Hands over a stream that has opened. Called on its loop.
    func enter(_ stream: any AcceptedStream, with pass: StrangerPass)
}
