// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import NIOPosix
public import RucheCrypto
public import RucheWire
internal import Synchronization

/// A stranger that has named the swarm it wants: adopt it into that swarm's loop, or reject it.
///
/// Letting go of it without a decision rejects it; so does `TransportLimits.incomingDeadline`.
public final class IncomingPeer: Sendable {
    /// The other side; its port is not the one that it listens on.
    public let remote: PeerEndpoint
    /// The info-hash in its handshake: v1, or v2 cut to 20 bytes.
    public let infoHash: SHA1Digest
    /// Whether its bytes pass through RC4.
    public let isEncrypted: Bool

    private let home: any EventLoop
    private let handler: NIOLoopBound<IncomingHandshakeHandler>
    private let isDecided = Atomic<Bool>(false)

    /// On the handler's loop.
    init(remote: PeerEndpoint, infoHash: SHA1Digest, isEncrypted: Bool, handler: IncomingHandshakeHandler) {
        self.remote = remote
        self.infoHash = infoHash
        self.isEncrypted = isEncrypted
        home = handler.loop
        self.handler = NIOLoopBound(handler, eventLoop: handler.loop)
    }

    deinit { reject() }

    /// Moves the connection to `loop`, one of the runtime's, and starts it there.
    ///
    /// `configure` puts the swarm's handlers into the pipeline; then they read what was received so far, from the
    /// first byte of the handshake on. Fails with a `TransportError`, or with what `configure` throws; the connection
    /// is closed then. Decide once: later calls fail with `.stopped`.
    public func adopt(
        on loop: any EventLoop,
        configure: @escaping PeerConnection.Configure
    ) -> EventLoopFuture<PeerConnection> {
        guard !isDecided.exchange(true, ordering: .relaxed) else {
            return loop.makeFailedFuture(TransportError(.stopped, "adopt \(remote) twice"))
        }
        let promise = loop.makePromise(of: PeerConnection.self)
        home.execute { [self] in
            do {
                try resume(handler.value.surrender(to: loop), on: loop, configure: configure).cascade(to: promise)
            } catch {
                promise.fail(error)
            }
        }
        return promise.futureResult
    }

    /// Closes the connection.
    public func reject() {
        guard !isDecided.exchange(true, ordering: .relaxed) else { return }
        home.execute { [handler] in handler.value.close() }
    }

    /// A channel can't change loops, but a descriptor can: a new channel on the owner's loop takes it over.
    private func resume(
        _ handover: IncomingHandover,
        on loop: any EventLoop,
        configure: @escaping PeerConnection.Configure
    ) -> EventLoopFuture<PeerConnection> {
        BulkTCP.bootstrap(on: loop).withConnectedSocket(handover.descriptor).flatMapErrorThrowing { [remote] error in
            throw TransportError(error, "adopt \(remote)")
        }.flatMapThrowing { [self] channel in
            let connection = PeerConnection(
                channel: channel,
                remote: remote,
                infoHash: infoHash,
                isEncrypted: isEncrypted,
                isIncoming: true,
                place: handover.place
            )
            try connection.start(cipher: handover.cipher.value, received: handover.received, configure: configure)
            return connection
        }
    }
}

/// What is left of a stranger's connection when its first channel has gone: everything that the next one needs.
struct IncomingHandover: Sendable {
    /// Open; whoever holds this closes it.
    let descriptor: Int32
    /// Read and not consumed, in plaintext.
    let received: ByteBuffer
    /// Bound to the loop that takes over; nil for plaintext.
    let cipher: NIOLoopBoundBox<RC4Handler?>
    let place: ConnectionPlace
}
