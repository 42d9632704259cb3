// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheTransport
internal import RucheWire

/// Gives a `DHTCore` a port, a clock and randomness. It decides nothing.
///
/// Confined to the port's loop.
final class DHTDriver: DatagramService {
    struct State {
        var core: DHTCore
        var timer: (at: Instant, scheduled: Scheduled<Void>)?
        /// The receivers of search results.
        var waiting: [SearchNumber: Waiting] = [:]
        var isStopped = false
        /// The receivers of regular statuses.
        var watchers: [Int: Watcher] = [:]
        var watcherCount = 0
    }

    struct Waiting {
        let found: @Sendable (DHTEffect) -> Void
        let finished: @Sendable (Result<SearchResult, DHTError>) -> Void
    }

    struct Watcher {
        let continuation: AsyncStream<DHTStatus>.Continuation
        let timer: RepeatedTask
    }

    let port: any DatagramPort
    private let box: NIOLoopBoundBox<State>

    init(port: any DatagramPort, configuration: DHTConfiguration) {
        self.port = port
        let forms = port.endpoints.map(\.compactForm)
        var batch = DHTBatch(time: .now, random: SecureRandom())
        let core = DHTCore(
            forms: forms,
            addresses: configuration.addresses,
            isReadOnly: configuration.isReadOnly,
            limits: configuration.limits,
            in: &batch
        )
        box = .makeBoxSendingValue(State(core: core), eventLoop: port.loop)
    }

    // MARK: - On the loop

    func recognises(_ datagram: RawSpan, from sender: PeerEndpoint) -> Bool {
        guard datagram.byteCount > 1 else { return false }
        // A dictionary whose first key has one or two bytes (BEP 5: "a", "e", "ip", "q", "r", "ro", "t", "v").
        let (first, second) = (
            datagram.unsafeLoad(fromByteOffset: 0, as: UInt8.self),
            datagram.unsafeLoad(fromByteOffset: 1, as: UInt8.self)
        )
        return first == UInt8(ascii: "d") && (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(second)
    }

    func handleReceived(_ datagrams: [Datagram]) {
        act(&box.value) { core, batch in
            for var datagram in datagrams {
                while let bytes = datagram.nextSegment() {
                    guard bytes.readableBytes <= core.limits.receivedByteCount else { continue }
                    core.handle(Array(bytes.readableBytesView), from: datagram.sender, in: &batch)
                }
            }
        }
    }

    func handleUnsendable(to remote: PeerEndpoint, because error: TransportError) {
        act(&box.value) { core, batch in core.handleUnsendable(to: remote, in: &batch) }
    }

    /// Calls the core, performs its effects, and sets the timer.
    func act(_ state: inout State, _ body: (inout DHTCore, inout DHTBatch) -> Void) {
        guard !state.isStopped else { return }
        var batch = DHTBatch(time: .now, random: SecureRandom())
        body(&state.core, &batch)
        var hasSent = false
        for effect in batch.effects {
            switch effect {
            case .send(let bytes, let endpoint):
                port.send(ByteBuffer(bytes: bytes), segmentBytes: nil, to: endpoint, from: port.loop)
                hasSent = true
            case .peers(let number, _), .item(let number, _): state.waiting[number]?.found(effect)
            case .finished(let number, let result):
                state.waiting.removeValue(forKey: number)?.finished(.success(result))
            }
        }
        if hasSent { port.flush(from: port.loop) }
        setTimer(&state, batch.time)
    }

    private func setTimer(_ state: inout State, _ now: Instant) {
        let next = state.core.nextTimer(at: now)
        if let timer = state.timer, timer.at <= next, timer.at > now { return }
        state.timer?.scheduled.cancel()
        let scheduled = port.loop.assumeIsolated().scheduleTask(deadline: NIODeadline(next)) { [weak self] in
            guard let self else { return }
            box.value.timer = nil
            act(&box.value) { core, batch in core.handleTimer(in: &batch) }
        }
        state.timer = (next, scheduled)
    }

    /// Starts a search, or ends it at once if that is impossible.
    func start(_ goal: SearchGoal, _ state: inout State, _ waiting: Waiting) -> SearchNumber? {
        guard !state.isStopped else {
            waiting.finished(.failure(DHTError(.stopped, "the node is closed")))
            return nil
        }
        var begun: SearchNumber?
        // The receiver must be registered before the search finds anything.
        state.waiting[state.core.nextSearch] = waiting
        let expected = state.core.nextSearch
        act(&state) { core, batch in begun = core.startSearch(goal, in: &batch) }
        if begun == nil {
            state.waiting.removeValue(forKey: expected)?
                .finished(.failure(DHTError(.limit, "\(state.core.limits.lookups) searches are under way")))
        }
        return begun
    }

    func cancel(_ number: SearchNumber, _ state: inout State) {
        state.core.cancelSearch(number)
        state.waiting.removeValue(forKey: number)?.finished(.failure(DHTError(.stopped, "cancelled")))
    }

    func stop(_ state: inout State) {
        state.isStopped = true
        state.timer?.scheduled.cancel()
        let waiting = state.waiting.sorted { $0.key < $1.key }
        state.waiting = [:]
        for (_, each) in waiting { each.finished(.failure(DHTError(.stopped, "the node is closed"))) }
        for watcher in state.watchers.values {
            watcher.timer.cancel()
            watcher.continuation.finish()
        }
        state.watchers = [:]
    }

    // MARK: - From any thread

    /// Runs `body` on the loop and returns its result.
    func onLoop<R: Sendable>(_ body: @escaping @Sendable (inout State) -> R) async throws(DHTError) -> R {
        do {
            return try await port.loop.submit { [self] in body(&box.value) }.get()
        } catch {
            throw DHTError(.stopped, "the event loop has stopped")
        }
    }

    /// Runs `body` on the loop later.
    func whenOnLoop(_ body: @escaping @Sendable (DHTDriver, inout State) -> Void) {
        port.loop.execute { [self] in body(self, &box.value) }
    }
}
