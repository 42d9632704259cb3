// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire
internal import Synchronization

/// Waking and becoming dormant.
extension Torrent {
    /// What is remembered about it now.
    var entry: CatalogueEntry { state.withLock { $0.entry } }

    /// Records what must be remembered. Returns false if it already is.
    func setEntry(_ entry: CatalogueEntry) -> Bool {
        state.withLock { state in
            defer { state.entry = entry }
            return state.entry != entry
        }
    }

    /// For the catalogue; nil once the torrent has left.
    var entryToNote: CatalogueEntry? {
        state.withLock { state in
            if case .ended = state.form { nil } else { state.entry }
        }
    }

    // MARK: - Waking

    /// Calls `body` with the lifecycle of the torrent, which is kept awake meanwhile.
    func withLifecycle<R>(_ body: (TorrentLifecycle) async throws -> R) async throws -> R {
        let life = try await holdAwake()
        defer { letGo() }
        return try await body(life)
    }

    /// Returns the lifecycle of the torrent, which is kept awake until `letGo` has been called as often as this.
    func holdAwake() async throws(TorrentError) -> TorrentLifecycle {
        let life = try await hold()
        await life.becomeReady()
        return life
    }

    /// Allows the torrent to become dormant again.
    func letGo() { state.withLock { $0.holdCount -= 1 } }

    /// The same for callers that do not wait.
    func act(_ body: @escaping @Sendable (TorrentLifecycle) async -> Void) {
        Task { try? await withLifecycle(body) }
    }

    /// Opens it for the first time, or tries again, and lets it become dormant if it can.
    func openInTurn() async {
        let life = try? await withLifecycle { life in
            await life.reopen()
            await life.waitUntilOpened()
            return life
        }
        await life?.dozeIfIdle(after: .zero)
    }

    private func hold() async throws(TorrentError) -> TorrentLifecycle {
        while true {
            let life = try state.withLock { state throws(TorrentError) -> TorrentLifecycle? in
                switch state.form {
                case .dormant: state.form = try makeAwake(&state)
                case .dozing: return nil
                case .waking, .awake: break
                case .ended(_, let reason): throw reason
                }
                state.holdCount += 1
                return state.form.lifecycle
            }
            if let life { return life }
            await waitUntilDormant()
        }
    }

    private func makeAwake(_ state: inout State) throws(TorrentError) -> TorrentForm {
        guard let session else { throw TorrentError(.sessionEnded, "the session has been shut down") }
        let resting = session.handleWaking(of: number)
        let life = TorrentLifecycle(self, state, resting, session)
        let isOpened = state.beginning == nil && state.entry.flags.contains(.complete)
        return isOpened ? .waking(life) : .awake(life)
    }

    /// Incoming peers need not wait any longer.
    func handleReady(_ life: TorrentLifecycle) {
        state.withLock { state in
            if case .waking(let waking) = state.form, waking === life { state.form = .awake(life) }
        }
    }

    private func waitUntilDormant() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard case .dozing = state.form else { return true }
                state.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    // MARK: - Incoming peers

    /// Takes over an incoming connection for this torrent. A dormant one is woken; the peer waits, up to
    /// `TransportLimits.incomingDeadline`.
    func adopt(_ incoming: IncomingPeer) {
        enum Answer { case now(SwarmDriver), later, no }
        let answer = state.withLock { state -> Answer in
            switch state.form {
            case .awake(let life): .now(life.driver)
            case .waking: .later
            case .dormant, .dozing:
                state.failure == nil && !state.entry.flags.contains(.paused) && state.entry.flags.contains(.complete)
                    ? .later : .no
            case .ended: .no
            }
        }
        switch answer {
        case .no: incoming.reject()
        case .now(let driver): driver.loop.execute { driver.adopt(incoming) }
        case .later:
            guard session?.mayWake(self) == true else { return incoming.reject() }
            act { life in
                // Adopted while it is kept awake, because it might be idle again.
                try? await life.driver.loop.submit { life.driver.adopt(incoming) }.get()
            }
        }
    }

    // MARK: - Becoming dormant

    /// Whether anything reads the status.
    var isWatched: Bool { feed.hasReaders }

    /// From now on callers that need it wait. Returns false if one already has it.
    func beginDozing(_ life: TorrentLifecycle) -> Bool {
        state.withLock { state in
            guard case .awake(let awake) = state.form, awake === life, state.holdCount == 0, !state.staysAwake,
                !isWatched
            else { return false }
            state.form = .dozing(life)
            return true
        }
    }

    /// It is awake after all.
    func cancelDozing(_ life: TorrentLifecycle) { leaveDozing { $0.form = .awake(life) } }

    /// It is closed.
    func finishDozing(_ carried: CarriedTotals, _ failure: RestingFailure?, _ sources: RestingSources) {
        let hasTurn = session?.hasTurn(self) ?? false
        leaveDozing { state in
            state.form = .dormant
            state.beginning = nil
            state.carried = carried
            state.failure = failure
            if hasTurn { session?.announceWhileDormant(number, state, sources) }
        }
        // They are not managed while the torrent waits for its turn.
        if !hasTurn { sources.joined.leave() }
    }

    /// The queue lets it run, or makes it wait.
    func refreshTurn() async {
        if let life = state.withLock({ $0.form.lifecycle }) { return await life.refreshTurn() }
        let hasTurn = session?.hasTurn(self) ?? false
        state.withLock { state in
            guard case .dormant = state.form else { return }
            if hasTurn {
                session?.announceWhileDormant(number, state, RestingSources())
            } else {
                session?.announceNoMore(number)
            }
        }
    }

    private func leaveDozing(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// From now on it has state that would be forgotten.
    func stayAwake() { state.withLock { $0.staysAwake = true } }

    // MARK: - The end

    /// Removes it from its session: it is not woken any more, and callers get `reason`. Returns its lifecycle, if it is
    /// awake, to be shut down.
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

    /// Why it has left its session; nil while it is in it.
    var endReason: TorrentError? {
        state.withLock { if case .ended(_, let reason) = $0.form { reason } else { nil } }
    }

    // MARK: - Status

    func publish(_ status: TorrentStatus) { feed.send(status) }

    func finishFeed() { feed.finish() }
}
