// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// Waking, and being held awake.
extension Torrent {
    /// Does `body` on the torrent's loop. The torrent wakes for it, and is awake until `body` has ended.
    ///
    /// - Throws: `TorrentError` if the torrent has left its session; what `body` throws.
    func withLifecycle<R: Sendable>(
        _ body: @Sendable (isolated TorrentLifecycle) async throws -> R
    ) async throws -> R {
        let life = try await hold(isCall: true)
        defer {
            letGo()
            endCall()
        }
        return try await life.perform(body)
    }

    /// The same for callers that do not wait.
    func act(_ body: @escaping @Sendable (isolated TorrentLifecycle) async -> Void) {
        services?.environment.runtime.spawn { try? await self.withLifecycle(body) }
    }

    /// Returns the lifecycle of a torrent that is awake, and stays awake until `letGo` has been called as often as this.
    ///
    /// A call is on the torrent's loop until `endCall`, and the loop lives as long.
    ///
    /// - Throws: `TorrentError` if the torrent has left its session.
    func hold(isCall: Bool = false) async throws(TorrentError) -> TorrentLifecycle {
        while true {
            let life = try state.withLock { state throws(TorrentError) -> TorrentLifecycle? in
                switch state.form {
                case .dormant: state.form = try makeAwake(state)
                case .dozing: return nil
                case .waking, .awake: break
                case .ended(_, let reason): throw reason
                }
                state.holdCount += 1
                if isCall { state.callCount += 1 }
                return state.form.lifecycle
            }
            if let life { return life }
            await waitUntilDormant()
        }
    }

    private func endCall() {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.callCount -= 1
            guard state.callCount == 0, case .ended = state.form else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns once no call is on the loop of a torrent that has left its session.
    func waitForCalls() async {
        await wait { state in
            if case .ended = state.form { state.callCount > 0 } else { false }
        }
    }

    /// Allows the torrent to become dormant again.
    func letGo() { state.withLock { $0.holdCount -= 1 } }

    /// Opens the torrent for the first time, or tries again, and lets it become dormant if it can.
    func openInTurn() async {
        guard let life = try? await hold(isCall: true) else { return }
        await life.perform { await $0.openAgain() }
        letGo()
        await life.dozeIfIdle(after: .zero)
        endCall()
    }

    private func makeAwake(_ state: borrowing State) throws(TorrentError) -> TorrentForm {
        guard let services else { throw TorrentError(.sessionEnded, "the session has been shut down") }
        let record = state.record
        let driver = services.makeDriver(for: hashes, logger: record.logger(services.logger)) {
            $0.makeReader(for: self)
        }
        let resting = services.dormancy.handleWaking(of: number)
        let life = TorrentLifecycle(self, number, record, resting, driver, services)
        return record.wasDormant ? .waking(life) : .awake(life)
    }

    private func waitUntilDormant() async {
        await wait { if case .dozing = $0.form { true } else { false } }
    }

    private func wait(while isBusy: (borrowing State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard isBusy(state) else { return true }
                state.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Keeps the torrent awake from now on: it has something that its record does not tell.
    func stayAwake() { state.withLock { $0.staysAwake = true } }

    /// The torrent's turn may have changed.
    func refreshTurn() {
        let hasTurn = services?.hasTurn(number) ?? false
        state.withLock { state in
            switch state.form {
            case .waking(let life), .awake(let life), .dozing(let life): life.refreshTurn()
            case .dormant where hasTurn: announceWhileDormant(state, RestingSources())
            case .dormant: services?.dormancy.release(number)
            case .ended: break
            }
        }
    }

    // MARK: - Strangers

    /// A stranger asks for this torrent. A dormant seed is woken; the stranger waits until `TransportLimits.incomingDeadline` at
    /// the latest.
    func adopt(_ incoming: IncomingPeer) {
        enum Answer { case now(SwarmDriver), later, no }
        let answer = state.withLock { state -> Answer in
            switch state.form {
            case .awake(let life): .now(life.driver)
            case .waking: .later
            case .dormant, .dozing: state.isRestingSeed ? .later : .no
            case .ended: .no
            }
        }
        switch answer {
        case .no: incoming.reject()
        case .now(let driver): driver.loop.execute { driver.adopt(incoming) }
        case .later:
            guard let services, services.hasTurn(number) else { return incoming.reject() }
            switch services.dormancy.admit(number, for: incoming.remote.address.group) {
            case .refuse: incoming.reject()
            case .wake: wake(for: incoming, services)
            case .wakeAfter(let other): wake(for: incoming, services, after: other)
            }
        }
    }

    private func wake(for incoming: IncomingPeer, _ services: TorrentServices, after other: Int? = nil) {
        services.environment.runtime.spawn { [self] in
            do {
                if let other, await !services.dormancy.makeRoom(other) { throw TorrentError(.limit, "no room") }
                // Adopted while the torrent is held, or it might be idle again.
                try await withLifecycle { $0.driver.adopt(incoming) }
            } catch {
                services.dormancy.handleAsleep(number)
                incoming.reject()
            }
        }
    }

    /// Becomes dormant to make room for another torrent, although peers are connected. Returns false if it is needed.
    func yieldPlace() async -> Bool {
        let form = state.withLock { $0.form }
        switch form {
        case .dormant, .ended: return true
        case .waking: return false
        case .awake(let life): return await life.yieldPlace()
        case .dozing:
            await waitUntilDormant()
            return true
        }
    }

    /// A tracker has named peers of a dormant seed: it wakes and dials them if some of them may want something.
    func handleFoundWhileDormant(_ response: AnnounceResponse) {
        guard response.leecherCount != 0, services?.mayWake(number) == true else { return }
        let peers = response.peers
        act { life in life.driver.handleFound(peers, from: .tracker) }
    }

    // MARK: - The end

    /// Takes the torrent out of its session: nothing wakes it any more, and callers are told `reason`. Returns the lifecycle
    /// that must be shut down, if the torrent is awake.
    func end(_ reason: TorrentError) async -> TorrentLifecycle? {
        while true {
            let (isOver, life) = state.withLock { state -> (Bool, TorrentLifecycle?) in
                switch state.form {
                case .dozing: return (false, nil)
                case .dormant: state.form = .ended(nil, reason)
                case .waking(let life), .awake(let life):
                    state.form = .ended(life, reason)
                    return (true, life)
                case .ended: break
                }
                return (true, nil)
            }
            if isOver { return life }
            await waitUntilDormant()
        }
    }

    /// Ends the streams of the status.
    func finishFeed() { feed.finish() }
}
