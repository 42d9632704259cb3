// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The state of one tracker in a schedule.
struct AnnouncedTracker: Sendable {
    var status: TrackerStatus
    /// Whether it has answered an announce, and so knows us.
    var hasStarted = false
    /// Failures since its last good answer.
    var failureCount = 0
    /// It failed and must not be asked before this time, whatever happens.
    var retryAt: Instant
    /// The end of its minimum interval. Before it, the tracker is only asked to announce an event.
    var minimumUntil: Instant
    /// Sent back with the next announce.
    var trackerID: [UInt8]?
    /// The announce that it has not answered yet.
    var flight: Flight?

    /// A running announce.
    struct Flight: Sendable {
        let id: UInt64
        let event: AnnounceRequest.Event
        let start: Instant
    }

    init(url: String, tier: Int, at now: Instant) {
        status = TrackerStatus(url: url, tier: tier)
        retryAt = now
        minimumUntil = now
    }

    var isAbandoned: Bool { status.state == .abandoned }
    var mayKnowUs: Bool { hasStarted || flight != nil }
}

/// Trackers of which one suffices (BEP 12); the first to ask comes first.
///
/// Until one of them has answered, a tracker that is slow to answer does not hold up the tier: after `patience` the
/// next one is asked too. A UDP tracker that is gone takes minutes to fail.
///
/// Owner: `AnnounceSchedule`. Invariant: the order changes only when an announce lands.
struct AnnounceTier: Sendable {
    var trackers: [AnnouncedTracker]
    /// When the next announce is wanted.
    var due: Instant
    /// How long the latest announce may take before another tracker is asked.
    let patience: Interval
    /// Whether `completed` has not been announced yet.
    var isCompletedPending = false

    init(trackers: [AnnouncedTracker], due: Instant, patience: Interval) {
        self.trackers = trackers
        self.due = due
        self.patience = patience
    }

    /// Whether `completed` is being announced.
    var isTellingCompletion: Bool { trackers.contains { $0.flight?.event == .completed } }

    /// Returns the first tracker that may be asked at `now`.
    func candidate(at now: Instant) -> Int? {
        trackers.firstIndex { $0.flight == nil && !$0.isAbandoned && $0.retryAt <= now }
    }

    /// Returns the next event for the tracker at `place`.
    func event(at place: Int) -> AnnounceRequest.Event {
        guard trackers[place].hasStarted else { return .started }
        return isCompletedPending ? .completed : .none
    }

    /// The earliest time, from `now` on, for an announce; nil if one must end first, and if every tracker is abandoned.
    func readyTime(at now: Instant) -> Instant? {
        guard let wanted = wantedTime else { return nil }
        let choices = trackers.lazy.filter { $0.flight == nil && !$0.isAbandoned }
        guard let soonest = choices.map(\.retryAt).min() else { return nil }
        let start = max(wanted, soonest, now)
        guard let place = candidate(at: start), event(at: place) == .none else { return start }
        return max(start, trackers[place].minimumUntil)
    }

    /// When another announce is wanted, whether or not a tracker may be asked then.
    private var wantedTime: Instant? {
        guard trackers.contains(where: \.hasStarted) else {
            return trackers.lazy.compactMap { $0.flight?.start }.max().map { $0 + patience } ?? due
        }
        let isAwaited = trackers.contains { $0.hasStarted && $0.flight != nil }
        return isAwaited ? nil : due
    }

    /// Ends the flight `id`. Returns the place of its tracker, or nil if it is not running.
    mutating func land(_ id: UInt64) -> Int? {
        guard let place = trackers.firstIndex(where: { $0.flight?.id == id }) else { return nil }
        trackers[place].flight = nil
        return place
    }

    mutating func handleSuccess(
        at place: Int,
        _ response: AnnounceResponse,
        wait: AnnounceSchedule.Wait,
        at now: Instant
    ) {
        var tracker = trackers.remove(at: place)
        tracker.hasStarted = true
        tracker.failureCount = 0
        tracker.minimumUntil = now + wait.minimum
        tracker.trackerID = response.trackerID ?? tracker.trackerID
        tracker.status.state = .working
        tracker.status.lastFailure = nil
        tracker.status.warning = response.warning
        tracker.status.peerCount = response.peers.count
        tracker.status.seedCount = response.seedCount ?? tracker.status.seedCount
        tracker.status.leecherCount = response.leecherCount ?? tracker.status.leecherCount
        // Another one may have been asked, and have answered, in the meantime.
        let isSpare = trackers.contains { $0.status.state == .working }
        trackers.insert(tracker, at: isSpare ? place : 0)
        if !isSpare { due = isCompletedPending ? now : now + wait.regular }
    }

    /// A nil `retryAt` means never.
    mutating func handleFailure(_ failure: TrackerError, at place: Int, retryAt: Instant?) {
        if failure.code != .exhausted { trackers[place].failureCount += 1 }
        trackers[place].status.lastFailure = failure
        trackers[place].status.state = retryAt == nil ? .abandoned : .failing
        if let retryAt { trackers[place].retryAt = retryAt }
    }

    /// The status of every tracker at `now`.
    func statuses(at now: Instant) -> [TrackerStatus] {
        let ready = readyTime(at: now)
        let next = ready.flatMap(candidate(at:))
        return trackers.indices.map { place in
            var status = trackers[place].status
            if trackers[place].flight != nil { status.state = .announcing }
            if next == place { status.nextAnnounce = ready }
            return status
        }
    }
}
