// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheHTTP
internal import RucheTransport
internal import RucheWire

/// Asks UDP trackers, all through one socket for each address family.
///
/// Owner: `TrackerClient`. Everything happens on one loop: `state` is touched there only.
final class UDPTrackers: Sendable {
    private struct State {
        var exchange: UDPTrackerExchange
        var random = SystemRandomNumberGenerator()
        var sockets: [UDPSocket.Family: EventLoopFuture<UDPSocket>] = [:]
        var promises: [UDPTrackerExchange.ID: EventLoopPromise<UDPTrackerResponse>] = [:]
        var lastID: UDPTrackerExchange.ID = 0
        var alarm: (time: Instant, task: Scheduled<Void>)?
        var isClosed = false
    }

    private let loop: any EventLoop
    private let binding: LocalBinding
    private let transportLimits: TransportLimits
    private let state: NIOLoopBoundBox<State>

    init(binding: LocalBinding, loop: any EventLoop, limits: TrackersLimits, transportLimits: TransportLimits) {
        self.loop = loop
        self.binding = binding
        self.transportLimits = transportLimits
        let exchange = UDPTrackerExchange(limits: limits)
        state = .makeBoxSendingValue(State(exchange: exchange), eventLoop: loop)
    }

    /// Asks the tracker at `tracker`. Ends with `.timeout` where it does not answer, with `.stopped` when cancelled.
    func ask(
        _ question: UDPTrackerExchange.Question,
        at tracker: PeerEndpoint
    ) async throws(TrackerFailure) -> UDPTrackerResponse {
        let promise = loop.makePromise(of: UDPTrackerResponse.self)
        let id = loop.makePromise(of: UDPTrackerExchange.ID.self)
        loop.execute {
            self.state.value.lastID += 1
            id.succeed(self.state.value.lastID)
            self.begin(question, at: tracker, id: self.state.value.lastID, promise)
        }
        do {
            return try await withTaskCancellationHandler {
                try await promise.futureResult.get()
            } onCancel: {
                id.futureResult.whenSuccess { id in self.cancel(id) }
            }
        } catch {
            throw TrackerFailure(transport: error)
        }
    }

    /// Ends every question with `.stopped`, and closes the sockets.
    func shutdown() async {
        let sockets = try? await loop.submit {
            self.state.value.isClosed = true
            self.state.value.alarm?.task.cancel()
            let promises = self.state.value.promises
            self.state.value.promises = [:]
            for promise in promises.values { promise.fail(TrackerFailure(.stopped, "the tracker client is shut down")) }
            let sockets = Array(self.state.value.sockets.values)
            self.state.value.sockets = [:]
            return sockets
        }.get()
        for socket in sockets ?? [] { try? await socket.flatMap { $0.close() }.get() }
    }

    // MARK: - On the loop

    private func begin(
        _ question: UDPTrackerExchange.Question,
        at tracker: PeerEndpoint,
        id: UDPTrackerExchange.ID,
        _ promise: EventLoopPromise<UDPTrackerResponse>
    ) {
        guard !state.value.isClosed else {
            return promise.fail(TrackerFailure(.stopped, "the tracker client is shut down"))
        }
        state.value.promises[id] = promise
        socket(reaching: tracker).whenComplete { result in
            guard self.state.value.promises[id] != nil else { return }
            switch result {
            case .success:
                self.mutate { state in
                    state.exchange.handleQuestion(question, to: tracker, id: id, at: .now, using: &state.random)
                }
            case .failure(let error):
                self.state.value.promises.removeValue(forKey: id)?.fail(error)
            }
        }
    }

    private func cancel(_ id: UDPTrackerExchange.ID) {
        state.value.promises.removeValue(forKey: id)?.fail(TrackerFailure(.stopped, "cancelled"))
        mutate { state in state.exchange.handleCancelled(id) }
    }

    /// The socket of `tracker`'s family, bound when first needed; one that can't be bound is tried again next time.
    private func socket(reaching tracker: PeerEndpoint) -> EventLoopFuture<UDPSocket> {
        let family = UDPSocket.Family(of: tracker.address)
        if let socket = state.value.sockets[family] { return socket }
        let socket = UDPSocket.bind(family, binding: binding, on: loop, limits: transportLimits) { sender, datagram in
            self.mutate { state in
                state.exchange.handleDatagram(datagram, from: sender, at: .now, using: &state.random)
            }
        }
        state.value.sockets[family] = socket
        socket.whenFailure { _ in self.state.value.sockets[family] = nil }
        return socket
    }

    /// Lets `change` happen, then does what the exchange wants done.
    private func mutate(_ change: (inout State) -> Void) {
        guard !state.value.isClosed else { return }
        change(&state.value)
        while let (tracker, bytes) = state.value.exchange.nextDatagram() { send(bytes, to: tracker) }
        while let outcome = state.value.exchange.nextOutcome() {
            state.value.promises.removeValue(forKey: outcome.id)?.completeWith(outcome.result.mapError { $0 })
        }
        setAlarm()
    }

    private func send(_ bytes: ByteBuffer, to tracker: PeerEndpoint) {
        let socket = state.value.sockets[UDPSocket.Family(of: tracker.address)]
        let sent = socket?.flatMap { $0.send(bytes, to: tracker) }
        // Hopped, since a failure at once would find `mutate` still at work.
        sent?.whenFailure { error in
            self.loop.execute {
                self.mutate { $0.exchange.handleUnsendable(to: tracker, because: "\(error)") }
            }
        }
    }

    private func setAlarm() {
        let time = state.value.exchange.nextWake
        guard time != state.value.alarm?.time else { return }
        state.value.alarm?.task.cancel()
        state.value.alarm = time.map { time in
            let task = loop.scheduleTask(deadline: NIODeadline(time)) {
                self.state.value.alarm = nil
                self.mutate { state in state.exchange.handleTime(at: .now, using: &state.random) }
            }
            return (time, task)
        }
    }
}

extension TrackerFailure {
    /// What a socket or a cancelled wait ended with.
    init(transport error: any Error) {
        switch error {
        case let ours as TrackerFailure: self = ours
        case let http as HTTPFailure: self.init(http)
        case let socket as TransportError:
            let code: Code =
                switch socket.code {
                case .timeout: .timeout
                case .localBinding: .localBinding
                case .stopped: .stopped
                default: .connection
                }
            self.init(code, socket.description)
        case is CancellationError: self.init(.stopped, "cancelled")
        default: self.init(.connection, "\(error)")
        }
    }
}
