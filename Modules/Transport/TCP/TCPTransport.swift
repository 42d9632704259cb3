// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import NIOPosix
package import RucheWire
internal import Synchronization

/// Peers over TCP, IPv4 and IPv6.
package final class TCPTransport: PeerTransport {
    /// Where to dial from and listen.
    package struct Options: Sendable {
        /// Addresses or interface to dial from and listen on.
        package var binding: LocalBinding
        /// The port to listen on. 0 chooses any, the same for both families if possible.
        package var port: UInt16

        /// By default it uses every address and any port.
        package init(binding: LocalBinding = .init(), port: UInt16 = 0) {
            self.binding = binding
            self.port = port
        }
    }

    /// `tcp`.
    package let kind = TransportKind.tcp

    private let options: Options
    private let limits: TransportLimits
    private let loops: [any EventLoop]
    private let turns = Atomic<UInt>(0)
    private let accepting = Locked<AcceptLoop?>(nil)

    /// Creates a transport. The runtime's limits apply, and its loops accept in turn.
    package init(_ options: Options = .init(), runtime: TransportRuntime) {
        self.options = options
        limits = runtime.limits
        loops = runtime.loops
    }

    /// Returns true: TCP can reach every address.
    package func canReach(_ remote: PeerEndpoint) -> Bool { true }

    /// Connects through the binding. A cancelled dial closes its socket at once.
    package func dial(
        _ dial: PeerDial,
        on loop: any EventLoop,
        then: @escaping @Sendable (Result<any PeerStream, TransportError>) -> Void
    ) -> DialTicket {
        let facts = StreamFacts(remote: dial.remote, kind: kind, isIncoming: false)
        let stream = TCPStream(facts, on: loop)
        let cancellation = DialCancellation()
        StreamDialer(binding: options.binding).connect(to: dial.remote, on: loop, timeout: dial.timeout) { channel in
            try cancellation.hold(channel)
            try channel.pipeline.syncOperations.addHandler(stream)
        }.hop(to: loop).whenComplete { result in
            let error = cancellation.end() ? TransportError(.stopped, "dial \(dial.remote)") : nil
            switch result {
            case .success where error == nil: then(.success(stream))
            case .success:
                stream.close()
                then(.failure(error ?? TransportError(.stopped, "dial \(dial.remote)")))
            case .failure(let cause): then(.failure(error ?? TransportError(cause, "dial \(dial.remote)")))
            }
        }
        return DialTicket { cancellation.cancel() }
    }

    /// Listens on one socket per family, with a thread that only accepts.
    ///
    /// - Throws: `TransportError` with the code `.portInUse`, `.localBinding`, `.permission` or `.exhausted`.
    package func listen(_ door: any PeerDoor) async throws(TransportError) -> [PeerEndpoint] {
        let sockets = try ListeningSocket.open(options, backlog: limits.listenBacklog)
        let loop = try AcceptLoop(sockets, batch: limits.acceptBatch) { [weak self] descriptor, remote in
            guard let self else { return Descriptor.close(descriptor) }
            letIn(descriptor, from: remote, by: door)
        }
        accepting.withLock { $0 = loop }
        return sockets.map(\.endpoint)
    }

    /// Takes an accepted descriptor on the accept thread, and turns it into a channel or closes it.
    private func letIn(_ descriptor: Int32, from remote: PeerEndpoint, by door: any PeerDoor) {
        guard let pass = door.admit(remote) else { return Descriptor.close(descriptor) }
        let turn = turns.wrappingAdd(1, ordering: .relaxed).newValue
        let loop = loops[Int(turn % UInt(loops.count))]
        let facts = StreamFacts(remote: remote, kind: kind, isIncoming: true)
        let stream = AcceptedTCPStream(facts, descriptor: descriptor, on: loop)
        BulkTCP.strangerBootstrap(on: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(stream) }
            }
            .withConnectedSocket(descriptor).hop(to: loop)
            .whenSuccess { _ in door.enter(stream, with: pass) }
    }

    /// Ends the accept thread, and waits until the ports are free.
    package func close() async {
        let loop = accepting.withLock { $0.take() }
        await loop?.stop()
    }

    deinit { accepting.withLock { $0 }?.abandon() }
}

/// Cancels a dial from any thread while its channel is being opened.
private final class DialCancellation: Sendable {
    private enum State {
        case waiting
        case dialling(any Channel)
        case cancelled
        case ended
    }

    private let state = Locked(State.waiting)

    /// Records the dial's channel.
    func hold(_ channel: any Channel) throws {
        try state.withLock { state in
            if case .cancelled = state { throw TransportError(.stopped, "dial") }
            state = .dialling(channel)
        }
    }

    /// Records that the dial has ended; returns whether it was cancelled before.
    func end() -> Bool {
        state.withLock { state in
            defer { state = .ended }
            if case .cancelled = state { return true }
            return false
        }
    }

    func cancel() {
        let channel = state.withLock { state -> (any Channel)? in
            guard case .dialling(let channel) = state else {
                if case .waiting = state { state = .cancelled }
                return nil
            }
            state = .cancelled
            return channel
        }
        channel?.close(promise: nil)
    }
}
