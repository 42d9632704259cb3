// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheTrackers
internal import RucheWire
internal import Synchronization

/// What the lifecycle tells, and becoming dormant.
extension Torrent: LifecycleHost {
    var entry: CatalogueEntry { state.withLock { $0.entry } }

    var entryToNote: CatalogueEntry? {
        state.withLock { state in
            if case .ended = state.form { nil } else { state.entry }
        }
    }

    package var endReason: TorrentError? {
        state.withLock { if case .ended(_, let reason) = $0.form { reason } else { nil } }
    }

    var isWatched: Bool { feed.hasReaders }

    func setEntry(_ entry: CatalogueEntry) -> Bool {
        state.withLock { state in
            defer { state.entry = entry }
            return state.entry != entry
        }
    }

    func handleOpened(_ life: TorrentLifecycle) {
        state.withLock { state in
            if case .waking(let waking) = state.form, waking === life { state.form = .awake(life) }
        }
    }

    func handle(_ new: TorrentState) {
        services?.events.send(.changed(self, new))
        services?.noteTurn(of: number, new)
    }

    func publish(_ status: TorrentStatus) { feed.send(status) }

    // MARK: - Becoming dormant

    func beginDozing(_ life: TorrentLifecycle) -> Bool {
        state.withLock { state in
            guard case .awake(let awake) = state.form, awake === life, state.holdCount == 0, !state.staysAwake,
                !isWatched
            else { return false }
            state.form = .dozing(life)
            return true
        }
    }

    func cancelDozing(_ life: TorrentLifecycle) { leaveDozing { $0.form = .awake(life) } }

    func finishDozing(_ rest: TorrentRest) {
        let hasTurn = services?.hasTurn(number) ?? false
        leaveDozing { state in
            state.form = .dormant
            state.beginning = nil
            state.carried = rest.totals
            state.failure = rest.failure
            if hasTurn { announceWhileDormant(state, rest.sources) }
        }
        // Nobody looks after them while the torrent waits for its turn.
        if !hasTurn { rest.sources.joined.leave() }
    }

    private func leaveDozing(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    // MARK: - Dormant seeds

    /// Has a dormant seed announced, unless that happens already. Called under the torrent's lock, so that the torrent does not
    /// wake meanwhile; else it would be announced twice.
    func announceWhileDormant(_ state: borrowing State, _ resting: RestingSources) {
        guard let services, state.isRestingSeed, state.beginning == nil else { return resting.joined.leave() }
        services.dormancy.announcer.add(
            number,
            tiers: state.entry.trackers,
            resting: resting.schedule,
            untold: state.entry.untoldCompletion
        )
        guard services.hasLastingSources else { return }
        let context = makeDormantContext(state, services)
        services.dormancy.sources.keep(resting.joined, of: number) {
            services.joinSources(context, &$0, on: nil)
        }
    }

    /// What trackers are told of the dormant torrent; nil once its session has gone.
    func makeAnnounceSubject() -> AnnounceSubject? {
        guard let services else { return nil }
        let (context, key) = state.withLock { (makeDormantContext($0, services), $0.announceKey) }
        return AnnounceSubject(
            hashes: context.hashes.wireHashes,
            peerID: context.peerID,
            port: context.listenPort,
            isCompleteAtStart: true,
            key: key,
            stats: context.stats
        )
    }

    private func makeDormantContext(_ state: borrowing State, _ services: TorrentServices) -> SourceContext {
        let carried = state.carried
        return services.makeContext(
            hashes,
            isPrivate: !state.entry.flags.contains(.public),
            isComplete: true,
            isDormant: true
        ) {
            AnnounceStats(uploaded: carried.uploadedBytes, downloaded: carried.downloadedBytes, left: 0)
        }
    }
}
