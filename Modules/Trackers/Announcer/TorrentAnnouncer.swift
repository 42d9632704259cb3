// SPDX-License-Identifier: Apache-2.0

package import Logging
internal import RucheCrypto
internal import RucheTransport
package import RucheWire

/// Announces one running torrent to its trackers, from `init` to `stop()`. `AnnounceSchedule` decides when, what and to
/// which.
///
/// Both info-hashes of a hybrid are announced together. A tracker that accepts one of them counts as working.
///
/// Owner: the torrent. If it is released without `stop()`, it sends nothing further, not even `stopped`.
package final class TorrentAnnouncer: Sendable {
    private struct State {
        var schedule: AnnounceSchedule
        var random = SystemRandomNumberGenerator()
        var announces: [UInt64: Task<Void, Never>] = [:]
        /// Running lookups of peers that trackers named by host, by announce.
        var lookups: [UInt64: Task<Void, Never>] = [:]
        /// Whether lookups have ended for good.
        var hasLeft = false
        var alarm = Alarm()
        var goodbye: Task<Void, Never>?

        mutating func endLookups() {
            hasLeft = true
            for task in lookups.values { task.cancel() }
            lookups = [:]
        }
    }

    private let client: TrackerClient
    private let subject: AnnounceSubject
    private let tiers: [[String]]
    private let logger: Logger
    private let onPeers: @Sendable ([PeerEndpoint]) -> Void
    private let state: Locked<State>

    /// Starts announcing at once. `tiers` are URLs by tier (BEP 12). `onPeers` receives the unfiltered peers of each
    /// response, on any thread.
    package convenience init(
        client: TrackerClient,
        subject: AnnounceSubject,
        tiers: [[String]],
        logger: Logger,
        onPeers: @escaping @Sendable ([PeerEndpoint]) -> Void
    ) {
        self.init(
            client: client,
            subject: subject,
            tiers: tiers,
            resting: nil,
            untold: [],
            logger: logger,
            onPeers: onPeers
        )
    }

    /// Continues from `resting`, the state of the torrent when it fell dormant. Without it, `untold` lists the trackers
    /// that an earlier announcer could not tell of the completion.
    package init(
        client: TrackerClient,
        subject: AnnounceSubject,
        tiers: [[String]],
        resting: RestingSchedule?,
        untold: [String],
        logger: Logger,
        onPeers: @escaping @Sendable ([PeerEndpoint]) -> Void
    ) {
        self.client = client
        self.subject = subject
        self.tiers = tiers
        self.logger = logger
        self.onPeers = onPeers
        var random = SystemRandomNumberGenerator()
        let schedule =
            if let resting {
                AnnounceSchedule(tiers: tiers, resting: resting, limits: client.limits, at: .now, using: &random)
            } else {
                AnnounceSchedule(
                    tiers: tiers,
                    isComplete: subject.isCompleteAtStart,
                    untold: subject.isCompleteAtStart ? untold : [],
                    limits: client.limits,
                    at: .now,
                    using: &random
                )
            }
        state = Locked(State(schedule: schedule))
        mutate { _ in }
    }

    deinit {
        state.withLock { state in
            state.endLookups()
            state.alarm.cancel()
            for task in state.announces.values { task.cancel() }
        }
    }

    /// Announces the completed download once to every tracker that heard of it. Does nothing if the torrent was
    /// complete from the start.
    package func handleCompleted() {
        mutate { $0.schedule.handleCompleted(at: .now) }
    }

    /// Announces again as soon as the trackers' minimum intervals allow, because there are too few peers.
    package func handleNeedOfPeers() {
        mutate { $0.schedule.handleNeedOfPeers(at: .now) }
    }

    /// Announces `stopped` in the background, for at most `TrackerLimits.stopTimeout`. Nothing else is announced
    /// afterwards.
    package func stop() { _ = startGoodbye() }

    /// Stops like `stop()` and waits, for at most `TrackerLimits.stopWait`. Returns the announce URLs of trackers that
    /// have not been told of the completion by then, one per tier.
    @discardableResult
    package func stopAndWait() async -> [String] {
        let goodbye = startGoodbye()
        _ = await Deadline.wait(atMost: client.limits.stopWait) { await goodbye.value }
        return untoldCompletion
    }

    /// The announce URLs of trackers that have not been told of the completion, one per tier.
    package var untoldCompletion: [String] { state.withLock { $0.schedule.untoldCompletion } }

    /// Stops without announcing `stopped`. The caller continues from the returned state.
    package func rest() -> RestingSchedule {
        state.withLock { state in
            let resting = state.schedule.rest(tiers)
            _ = state.schedule.handleStopped()
            state.endLookups()
            state.alarm.cancel()
            for task in state.announces.values { task.cancel() }
            return resting
        }
    }

    /// The status of every tracker, tier by tier, in the order in which they are tried.
    package var status: [TrackerStatus] { state.withLock { $0.schedule.statuses(at: .now) } }

    // MARK: - Announcing

    /// Applies `change`, then starts what is due and sets the alarm for the rest.
    private func mutate(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            while let announce = state.schedule.nextAnnounce(at: .now) {
                // The lock is held, so a task that ends at once waits before it removes itself from the list.
                state.announces[announce.id] = Task { await self.perform(announce) }
            }
            setAlarm(&state)
        }
    }

    private func setAlarm(_ state: inout State) {
        let now = Instant.now
        state.alarm.set(for: state.schedule.nextWake(at: now), at: now) { [weak self] time in
            self?.mutate { $0.alarm.handleRung(for: time) }
        }
    }

    private func perform(_ announce: AnnounceSchedule.Announce) async {
        let result = await AnnounceCall(client: client, subject: subject).make(announce)
        if case .success(let response) = result {
            if !response.peers.isEmpty { onPeers(response.peers) }
            lookUp(response.namedPeers, of: announce)
        }
        if case .failure(let failure) = result, failure.code != .stopped {
            logger.debug("announce failed", metadata: ["tracker": "\(announce.url)", "failure": "\(failure)"])
        }
        mutate { state in
            state.announces[announce.id] = nil
            switch result {
            case .success(let response):
                state.schedule.handleResponse(response, to: announce, at: .now, using: &state.random)
            case .failure(let failure):
                state.schedule.handleFailure(failure, of: announce, at: .now, using: &state.random)
            }
        }
    }

    /// Resolves peers that are named by host, concurrently with everything else, so an unresponsive name server delays
    /// nothing.
    private func lookUp(_ peers: [NamedEndpoint], of announce: AnnounceSchedule.Announce) {
        guard !peers.isEmpty else { return }
        state.withLock { state in
            guard !state.hasLeft else { return }
            // The lock is held, so a lookup that ends at once waits before it removes itself from the list.
            state.lookups[announce.id] = Task { [weak self, client, onPeers] in
                await client.lookUp(peers, onFound: onPeers)
                self?.state.withLock { $0.lookups[announce.id] = nil }
            }
        }
    }

    // MARK: - Leaving

    private func startGoodbye() -> Task<Void, Never> {
        state.withLock { state in
            if let goodbye = state.goodbye { return goodbye }
            let goodbyes = state.schedule.handleStopped()
            state.endLookups()
            state.alarm.cancel()
            let awaited = Set(goodbyes.compactMap(\.flight))
            let flights = state.announces.filter { awaited.contains($0.key) }
            for (id, task) in state.announces where !awaited.contains(id) { task.cancel() }
            let goodbye = Task {
                _ = await Deadline.wait(atMost: self.client.limits.stopTimeout) {
                    await self.say(goodbyes, after: flights)
                }
            }
            state.goodbye = goodbye
            return goodbye
        }
    }

    private func say(_ goodbyes: [AnnounceSchedule.Goodbye], after flights: [UInt64: Task<Void, Never>]) async {
        await withTaskGroup(of: Void.self) { group in
            for goodbye in goodbyes {
                group.addTask {
                    if let flight = goodbye.flight { await flights[flight]?.value }
                    for announce in goodbye.announces {
                        let result = await AnnounceCall(client: self.client, subject: self.subject).make(announce)
                        if case .success = result { self.state.withLock { $0.schedule.handleTold(announce) } }
                    }
                }
            }
        }
    }
}
