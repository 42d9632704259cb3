// SPDX-License-Identifier: Apache-2.0

internal import RucheHTTP
internal import RucheTransport
package import RucheWire

/// Announces dormant torrents, however many there are: one alarm for all, and a `RestingSchedule` for each.
///
/// Owner: the session, one for all of its dormant torrents. Call `stopAndWait()` before shutting down the client.
package final class DormantAnnouncer: Sendable {
    /// The session's number of a torrent.
    package typealias ID = Int

    /// Asks the session about a torrent that is due, on any thread. Returns nil if it is no longer dormant.
    package typealias FindSubject = @Sendable (ID) -> AnnounceSubject?

    private struct Member {
        /// Shared by all torrents with the same trackers.
        let tiers: [[String]]
        /// Nil until the first announce.
        var schedule: RestingSchedule?
        /// Whether some tracker had not been told of the completion when the torrent was added.
        let owedCompletion: Bool
    }

    private struct State {
        var rota: DormantRota
        var members: [ID: Member] = [:]
        var alarm = Alarm()
        var isStopped = false
    }

    private let client: TrackerClient
    private let findSubject: FindSubject
    private let onPeers: @Sendable (ID, AnnounceResponse) -> Void
    private let state: Locked<State>

    /// `onPeers` receives each response that names peers.
    package init(
        client: TrackerClient,
        findSubject: @escaping FindSubject,
        onPeers: @escaping @Sendable (ID, AnnounceResponse) -> Void
    ) {
        self.client = client
        self.findSubject = findSubject
        self.onPeers = onPeers
        state = Locked(State(rota: DormantRota(perHost: client.limits.requestsPerHost)))
    }

    /// Announces `id` from now on, unless it does so already, continuing from `resting`. If that is nil, the torrent
    /// has not been announced yet, and the trackers in `untold` are told of its completion as well.
    package func add(_ id: ID, tiers: [[String]], resting: RestingSchedule?, untold: [String] = []) {
        let resting = resting ?? (untold.isEmpty ? nil : makeSchedule(tiers, untold: untold, at: .now).rest(tiers))
        guard !tiers.allSatisfy(\.isEmpty) else { return }
        mutate { state in
            guard !state.isStopped, state.members[id] == nil else { return }
            let member = Member(tiers: tiers, schedule: resting, owedCompletion: resting?.owesCompletion == true)
            let now = Instant.now
            guard let time = makeSchedule(member, at: now).nextWake(at: now) else { return }
            state.members[id] = member
            state.rota.wait(id, until: time)
        }
    }

    /// Stops announcing `id`, and returns its state. An announce that is under way continues, and counts as answered.
    package func remove(_ id: ID) -> RestingSchedule? {
        state.withLock { state in
            state.rota.remove(id)
            return state.members.removeValue(forKey: id)?.schedule
        }
    }

    /// The number of torrents announced from here.
    package var count: Int { state.withLock { $0.members.count } }

    // MARK: - Announcing

    private func makeSchedule(_ member: Member, at now: Instant) -> AnnounceSchedule {
        guard let resting = member.schedule else { return makeSchedule(member.tiers, untold: [], at: now) }
        var random = SystemRandomNumberGenerator()
        return AnnounceSchedule(
            tiers: member.tiers,
            resting: resting,
            limits: client.limits,
            at: now,
            using: &random
        )
    }

    /// Creates the schedule of a torrent that has not been announced yet.
    private func makeSchedule(_ tiers: [[String]], untold: [String], at now: Instant) -> AnnounceSchedule {
        var random = SystemRandomNumberGenerator()
        return AnnounceSchedule(
            tiers: tiers,
            isComplete: true,
            untold: untold,
            limits: client.limits,
            at: now,
            using: &random
        )
    }

    /// Applies `change`, then starts the announces whose turn has come and sets the alarm for the others.
    private func mutate(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            let now = Instant.now
            while let id = state.rota.nextDue(at: now) {
                guard let member = state.members[id] else { continue }
                var schedule = makeSchedule(member, at: now)
                guard let announce = schedule.nextAnnounce(at: now) else {
                    if let time = schedule.nextWake(at: now) { state.rota.wait(id, until: time) }
                    continue
                }
                let host = (try? ServiceURL(announce.url))?.host ?? ""
                state.rota.lineUp(id, at: host)
                sendThose(at: host, &state)
            }
            setAlarm(&state, at: now)
        }
    }

    private func sendThose(at host: String, _ state: inout State) {
        while let id = state.rota.nextTurn(at: host) {
            guard let member = state.members[id] else {
                _ = state.rota.handleReturn(of: id, from: host)
                continue
            }
            var schedule = makeSchedule(member, at: .now)
            var announces: [AnnounceSchedule.Announce] = []
            while let announce = schedule.nextAnnounce(at: .now) { announces.append(announce) }
            state.members[id]?.schedule = schedule.rest(member.tiers)
            Task { [schedule, announces] in
                await self.perform(announces, of: id, by: schedule, at: host)
            }
        }
    }

    private func perform(
        _ announces: [AnnounceSchedule.Announce],
        of id: ID,
        by schedule: AnnounceSchedule,
        at host: String
    ) async {
        var schedule = schedule
        var random = SystemRandomNumberGenerator()
        if let subject = findSubject(id) {
            let call = AnnounceCall(client: client, subject: subject)
            for announce in announces {
                switch await call.make(announce) {
                case .success(let response):
                    if !response.peers.isEmpty { onPeers(id, response) }
                    lookUpPeers(of: response, for: id)
                    schedule.handleResponse(response, to: announce, at: .now, using: &random)
                case .failure(let failure):
                    schedule.handleFailure(failure, of: announce, at: .now, using: &random)
                }
            }
        }
        mutate { state in
            let isWanted = state.rota.handleReturn(of: id, from: host)
            if isWanted, let member = state.members[id] {
                state.members[id]?.schedule = schedule.rest(member.tiers)
                if let time = schedule.nextWake(at: .now) { state.rota.wait(id, until: time) }
            }
            sendThose(at: host, &state)
        }
    }

    /// Resolves peers that are named by host, concurrently with the torrent's next announces.
    private func lookUpPeers(of response: AnnounceResponse, for id: ID) {
        guard !response.namedPeers.isEmpty else { return }
        Task { [client, onPeers] in
            await client.lookUp(response.namedPeers) { endpoints in
                var named = response
                named.peers = endpoints
                onPeers(id, named)
            }
        }
    }

    private func setAlarm(_ state: inout State, at now: Instant) {
        let time = state.isStopped ? nil : state.rota.nextTime()
        state.alarm.set(for: time, at: now) { [weak self] time in
            self?.mutate { $0.alarm.handleRung(for: time) }
        }
    }

    // MARK: - Leaving

    /// Stops announcing, and announces `stopped` to as many trackers as `TrackerLimits.stopWait` allows. Returns, for
    /// each torrent whose completion was unannounced when it fell dormant, the trackers that have still not been told.
    @discardableResult
    package func stopAndWait() async -> [ID: [String]] {
        let members = state.withLock { state -> [ID: Member] in
            state.isStopped = true
            state.alarm.cancel()
            state.rota = DormantRota(perHost: client.limits.requestsPerHost)
            defer { state.members = [:] }
            return state.members
        }
        let owing = members.filter(\.value.owedCompletion)
        let untold = Locked(owing.mapValues { makeSchedule($0, at: .now).untoldCompletion })
        let leaving = members.filter { $0.value.schedule?.hasStarted == true }.map { ($0.key, $0.value) }
        if !leaving.isEmpty {
            _ = await Deadline.wait(atMost: client.limits.stopWait) {
                await self.sayGoodbye(to: leaving) { id, rest in untold.withLock { $0[id] = rest } }
            }
        }
        return untold.withLock { $0 }
    }

    /// Receives the trackers that have not been told of a torrent's completion, each time one more has been told.
    private typealias NoteUntold = @Sendable (ID, [String]) -> Void

    private func sayGoodbye(to leaving: [(ID, Member)], _ noteUntold: @escaping NoteUntold) async {
        await withTaskGroup(of: Void.self) { group in
            var rest = leaving[...]
            for _ in 0..<client.limits.requests {
                guard let (id, member) = rest.popFirst() else { break }
                group.addTask { await self.sayGoodbye(id, member, noteUntold) }
            }
            while await group.next() != nil, !Task.isCancelled {
                guard let (id, member) = rest.popFirst() else { continue }
                group.addTask { await self.sayGoodbye(id, member, noteUntold) }
            }
        }
    }

    private func sayGoodbye(_ id: ID, _ member: Member, _ noteUntold: NoteUntold) async {
        guard let subject = findSubject(id) else { return }
        var schedule = makeSchedule(member, at: .now)
        for announce in schedule.handleStopped().flatMap(\.announces) {
            let result = await AnnounceCall(client: client, subject: subject).make(announce)
            guard announce.event == .completed, case .success = result else { continue }
            schedule.handleTold(announce)
            noteUntold(id, schedule.untoldCompletion)
        }
    }
}
