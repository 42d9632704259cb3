// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import RucheWire

/// An accepted TCP connection. A channel cannot change loops, but a descriptor can: a new channel on the swarm's loop
/// takes it over.
final class AcceptedTCPStream: TCPStream, AcceptedStream, @unchecked Sendable {  // confined to its loop
    private typealias Move = (loop: any EventLoop, then: @Sendable (Result<any PeerStream, TransportError>) -> Void)

    private let descriptor: Int32
    private var move: Move?
    private var isMoved = false
    /// Writes that are still queued in this channel would be lost with it.
    private var unsentWriteCount = 0

    /// The channel owns and closes `descriptor`.
    init(_ facts: StreamFacts, descriptor: Int32, on loop: any EventLoop) {
        self.descriptor = descriptor
        super.init(facts, on: loop, readCount: 1)
    }

    override var isOpen: Bool { !isMoved && super.isOpen }

    override func write(_ bytes: ByteBuffer, tag: UInt32?) {
        guard let context else { return super.write(bytes, tag: tag) }
        unsentWriteCount += 1
        context.write(wrapOutboundOut(bytes)).assumeIsolated().whenComplete { [self] _ in
            unsentWriteCount -= 1
            tellWritten(tag)
            moveIfSent()
        }
    }

    func move(
        to loop: any EventLoop,
        then: @escaping @Sendable (Result<any PeerStream, TransportError>) -> Void
    ) {
        guard isOpen, move == nil else {
            let error = TransportError(.closed, "adopt \(facts.remote)")
            return loop.execute { then(.failure(error)) }
        }
        move = (loop, then)
        context?.flush()
        moveIfSent()
    }

    private func moveIfSent() {
        guard isOpen, unsentWriteCount == 0, let move else { return }
        self.move = nil
        isMoved = true
        detach()
        let result = Result { () throws(TransportError) in try Descriptor.duplicate(descriptor) }
        // The duplicate keeps the connection open.
        close()
        switch result {
        case .success(let duplicate): resume(duplicate, move)
        case .failure(let error): move.loop.execute { move.then(.failure(error)) }
        }
    }

    private func resume(_ duplicate: Int32, _ move: Move) {
        let stream = TCPStream(facts, on: move.loop)
        let remote = facts.remote
        BulkTCP.bootstrap(on: move.loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(stream) }
            }
            .withConnectedSocket(duplicate).hop(to: move.loop).whenComplete { result in
                switch result {
                case .success: move.then(.success(stream))
                case .failure(let error): move.then(.failure(TransportError(error, "adopt \(remote)")))
                }
            }
    }

    override func end() {
        super.end()
        guard let move else { return }
        self.move = nil
        let error = TransportError(.closed, "adopt \(facts.remote)")
        move.loop.execute { move.then(.failure(error)) }
    }
}
