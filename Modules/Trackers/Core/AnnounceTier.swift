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

    init(url: String, tier: Int, at now: Instant) {
        status = TrackerStatus(url: url, tier: tier)
        retryAt = now
        minimumUntil = now
    }

    var isAbandoned: Bool { status.state == .abandoned }
}

/// Trackers of which one suffices (BEP 12); the first to ask comes first.
///
/// Owner: `AnnounceSchedule`. Invariant: the order changes only when an announce lands.
struct AnnounceTier: Sendable {
    /// A running announce.
    struct Flight: Sendable {
        let id: UInt64
        let place: Int
        let event: AnnounceRequest.Event
    }

    var trackers: [AnnouncedTracker]
    /// When the next announce is wanted.
    var due: Instant
    var flight: Flight?
    /// Whether `completed` has not been announced yet.
    var isCompletedPending = false

    init(trackers: [AnnouncedTracker], due: Instant) {
        self.trackers = trackers
        self.due = due
    }

    /// Whether some tracker knows us, or is about to.
    var hasAnnounced: Bool { flight != nil || trackers.contains(where: \.hasStarted) }

    func mayKnowUs(_ place: Int) -> Bool { trackers[place].hasStarted || flight?.place == place }

    /// Returns the first tracker that may be asked at `now`.
    func candidate(at now: Instant) -> Int? {
        trackers.firstIndex { !$0.isAbandoned && $0.retryAt <= now }
    }

    /// Returns the next event for the tracker at `place`.
    func event(at place: Int) -> AnnounceRequest.Event {
        guard trackers[place].hasStarted else { return .started }
        return isCompletedPending ? .completed : .none
    }

    /// The earliest time, from `now` on, for an announce; nil during an announce, and if every tracker is abandoned.
    func readyTime(at now: Instant) -> Instant? {
        guard flight == nil else { return nil }
        let choices = trackers.lazy.filter { !$0.isAbandoned }
        guard let soonest = choices.map(\.retryAt).min() else { return nil }
        let start = max(due, soonest, now)
        guard let place = candidate(at: start), event(at: place) == .none else { return start }
        return max(start, trackers[place].minimumUntil)
    }

    /// Ends and returns the flight `id`; nil if it is not the running one.
    mutating func land(_ id: UInt64) -> Flight? {
        guard let flight, flight.id == id else { return nil }
        self.flight = nil
        return flight
    }

    mutating func handleSuccess(
        of flight: Flight,
        _ response: AnnounceResponse,
        wait: AnnounceSchedule.Wait,
        at now: Instant
    ) {
        var tracker = trackers.remove(at: flight.place)
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
        trackers.insert(tracker, at: 0)
        due = isCompletedPending ? now : now + wait.regular
    }

    /// A nil `retryAt` means never.
    mutating func handleFailure(_ failure: TrackerError, of flight: Flight, retryAt: Instant?) {
        if failure.code != .exhausted { trackers[flight.place].failureCount += 1 }
        trackers[flight.place].status.lastFailure = failure
        trackers[flight.place].status.state = retryAt == nil ? .abandoned : .failing
        if let retryAt { trackers[flight.place].retryAt = retryAt }
    }

    /// The status of every tracker at `now`.
    func statuses(at now: Instant) -> [TrackerStatus] {
        let ready = readyTime(at: now)
        let next = ready.flatMap(candidate(at:))
        return trackers.indices.map { place in
            var status = trackers[place].status
            if flight?.place == place { status.state = .announcing }
            if next == place { status.nextAnnounce = ready }
            return status
        }
    }
}
