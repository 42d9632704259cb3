// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// One tracker as a schedule sees it.
struct AnnouncedTracker: Sendable {
    var status: TrackerStatus
    /// It has answered an announce, so it knows us.
    var hasStarted = false
    /// Failures since its last good answer.
    var failureCount = 0
    /// Not to be asked before, whatever happens: it has failed.
    var retryAt: Instant
    /// Not to be asked before, unless there is an event to tell: its minimum interval.
    var minimumUntil: Instant
    /// To be sent back with the next announce.
    var trackerID: [UInt8]?

    init(url: String, tier: Int, at now: Instant) {
        status = TrackerStatus(url: url, tier: tier)
        retryAt = now
        minimumUntil = now
    }

    var isAbandoned: Bool { status.state == .abandoned }
}

/// Trackers of which one suffices (BEP 12), the one to ask first in front.
///
/// Owner: `AnnounceSchedule`. Invariant: the order changes only when an announce lands.
struct AnnounceTier: Sendable {
    /// An announce under way.
    struct Flight: Sendable {
        let id: UInt64
        let place: Int
        let event: AnnounceRequest.Event
    }

    var trackers: [AnnouncedTracker]
    /// When the next announce is wanted.
    var due: Instant
    var flight: Flight?
    /// `completed` is still to be told.
    var isCompletedPending = false

    init(trackers: [AnnouncedTracker], due: Instant) {
        self.trackers = trackers
        self.due = due
    }

    /// Some tracker knows of us, or will in a moment.
    var hasAnnounced: Bool { flight != nil || trackers.contains(where: \.hasStarted) }

    func mayKnowUs(_ place: Int) -> Bool { trackers[place].hasStarted || flight?.place == place }

    /// The first tracker that may be asked at `now`.
    func candidate(at now: Instant) -> Int? {
        trackers.firstIndex { !$0.isAbandoned && $0.retryAt <= now }
    }

    /// What the tracker at `place` is to be told next.
    func event(at place: Int) -> AnnounceRequest.Event {
        guard trackers[place].hasStarted else { return .started }
        return isCompletedPending ? .completed : .none
    }

    /// When, from `now` on, an announce may be made: nil while one is under way, and when every tracker is abandoned.
    func readyTime(at now: Instant) -> Instant? {
        guard flight == nil else { return nil }
        let choices = trackers.lazy.filter { !$0.isAbandoned }
        guard let soonest = choices.map(\.retryAt).min() else { return nil }
        let start = max(due, soonest, now)
        guard let place = candidate(at: start), event(at: place) == .none else { return start }
        return max(start, trackers[place].minimumUntil)
    }

    /// The flight `id`, which is over; nil where it is not the one under way.
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

    /// `retryAt` nil: never again.
    mutating func handleFailure(_ failure: TrackerFailure, of flight: Flight, retryAt: Instant?) {
        if failure.code != .exhausted { trackers[flight.place].failureCount += 1 }
        trackers[flight.place].status.lastFailure = failure
        trackers[flight.place].status.state = retryAt == nil ? .abandoned : .failing
        if let retryAt { trackers[flight.place].retryAt = retryAt }
    }

    /// Every tracker, with what is going on at `now`.
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
