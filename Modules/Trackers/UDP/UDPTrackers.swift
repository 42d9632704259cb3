// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheHTTP
internal import RucheTransport
internal import RucheWire

/// Asks UDP trackers through the session's UDP port.
///
/// Owner: `TrackerClient`. Everything runs on the port's loop, and `state` is accessed only there.
final class UDPTrackers: DatagramService {
    private struct State {
        var exchange: UDPTrackerExchange
        var random = SystemRandomNumberGenerator()
        var promises: [UDPTrackerExchange.ID: EventLoopPromise<UDPTrackerResponse>] = [:]
        var lastID: UDPTrackerExchange.ID = 0
        var alarm: (time: Instant, task: Scheduled<Void>)?
        var isClosed = false
    }

    private let port: any DatagramPort
    private let state: NIOLoopBoundBox<State>

    private var loop: any EventLoop { port.loop }

    init(port: any DatagramPort, limits: TrackerLimits) {
        self.port = port
        state = .makeBoxSendingValue(State(exchange: UDPTrackerExchange(limits: limits)), eventLoop: port.loop)
        port.attach(self, order: .transaction)
    }

    /// Asks `tracker`. Fails with `.timeout` if it does not answer, with `.stopped` if cancelled.
    func ask(
        _ question: UDPTrackerExchange.Question,
        at tracker: PeerEndpoint
    ) async throws(TrackerError) -> UDPTrackerResponse {
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
            throw TrackerError(transport: error)
        }
    }

    /// Ends every question with `.stopped` and detaches from the port.
    func shutdown() async {
        port.detach(self)
        try? await loop.submit {
            self.state.value.isClosed = true
            self.state.value.alarm?.task.cancel()
            let promises = self.state.value.promises
            self.state.value.promises = [:]
            for promise in promises.values { promise.fail(TrackerError(.stopped, "the tracker client is shut down")) }
        }.get()
    }

    // MARK: - On the loop

    func recognises(_ datagram: RawSpan, from sender: PeerEndpoint) -> Bool {
        state.value.exchange.isWaiting(for: datagram, from: sender)
    }

    func handleReceived(_ datagrams: [Datagram]) {
        mutate { state in
            for var datagram in datagrams {
                while let answer = datagram.nextSegment() {
                    state.exchange.handleDatagram(answer, from: datagram.sender, at: .now, using: &state.random)
                }
            }
        }
    }

    func handleUnsendable(to remote: PeerEndpoint, because error: TransportError) {
        mutate { $0.exchange.handleUnsendable(to: remote, because: "\(error)") }
    }

    private func begin(
        _ question: UDPTrackerExchange.Question,
        at tracker: PeerEndpoint,
        id: UDPTrackerExchange.ID,
        _ promise: EventLoopPromise<UDPTrackerResponse>
    ) {
        guard !state.value.isClosed else {
            return promise.fail(TrackerError(.stopped, "the tracker client is shut down"))
        }
        state.value.promises[id] = promise
        mutate { state in
            state.exchange.handleQuestion(question, to: tracker, id: id, at: .now, using: &state.random)
        }
    }

    private func cancel(_ id: UDPTrackerExchange.ID) {
        state.value.promises.removeValue(forKey: id)?.fail(TrackerError(.stopped, "cancelled"))
        mutate { state in state.exchange.handleCancelled(id) }
    }

    /// Applies `change`, then carries out what the exchange requests.
    private func mutate(_ change: (inout State) -> Void) {
        guard !state.value.isClosed else { return }
        change(&state.value)
        var hasSent = false
        while let (tracker, bytes) = state.value.exchange.nextDatagram() {
            port.send(bytes, segmentBytes: nil, to: tracker, from: loop)
            hasSent = true
        }
        if hasSent { port.flush(from: loop) }
        while let outcome = state.value.exchange.nextOutcome() {
            state.value.promises.removeValue(forKey: outcome.id)?.completeWith(outcome.result.mapError { $0 })
        }
        setAlarm()
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

extension TrackerError {
    /// Converts the error of a socket or a cancelled wait.
    init(transport error: any Error) {
        switch error {
        case let ours as TrackerError: self = ours
        case let http as HTTPError: self.init(http)
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
