// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Decides when one torrent announces what to which of its trackers (BEP 3, 12, 31).
///
/// Every tier is announced to independently, and within a tier the first tracker that works (as in BEP 12: shuffled
/// first, a working one moves to the front). BEP 12 uses later tiers only when earlier ones fail, but today swarms are
/// split over trackers, so asking only one tier would miss peers. Nor does a tier wait for one slow tracker to fail.
///
/// Each tracker receives the events in order and once: `started`, then `completed` unless there was nothing to
/// download, then `stopped`; in between, no event. An announce is repeated only if it brought no response.
///
///     tier:  waiting ──due──▶ announcing ──success──▶ waiting for the interval, or for its next event
///               ▲                 │
///               └── next tracker ─┴──failure; when all have failed, until the first may be tried again
///
/// Owner: `TorrentAnnouncer`.
struct AnnounceSchedule: Sendable {
    /// One announce to make.
    struct Announce: Hashable, Sendable {
        /// Identifies the announce among all announces of this schedule.
        let id: UInt64
        let url: String
        let event: AnnounceRequest.Event
        let trackerID: [UInt8]?

        fileprivate let tier: Int
    }

    let limits: TrackerLimits
    var tiers: [AnnounceTier]

    private var isComplete: Bool
    private var isStopped = false
    private var idCount: UInt64 = 0

    /// Shuffles trackers within each of `tiers`; duplicates and trackers beyond the limit are left out. The tiers of
    /// the trackers in `untold` still have to be told that the download has completed.
    init(
        tiers urls: [[String]],
        isComplete: Bool,
        untold: [String] = [],
        limits: TrackerLimits = .init(),
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) {
        self.isComplete = isComplete
        self.limits = limits
        var seen: Set<ExactText> = []
        let owed = Set(untold.map { ExactText($0) })
        tiers = []
        for tier in urls {
            let fresh = tier.filter { seen.count < limits.trackersPerTorrent && seen.insert(ExactText($0)).inserted }
            guard !fresh.isEmpty else { continue }
            let number = tiers.count
            let trackers = fresh.shuffled(using: &random).map { AnnouncedTracker(url: $0, tier: number, at: now) }
            tiers.append(AnnounceTier(trackers: trackers, due: now, patience: limits.tierPatience))
            tiers[number].isCompletedPending = tier.contains { owed.contains(ExactText($0)) }
        }
    }

    /// When `nextAnnounce` has something, from `now` on, if no event comes first; nil if nothing is pending.
    func nextWake(at now: Instant) -> Instant? {
        isStopped ? nil : tiers.lazy.compactMap { $0.readyTime(at: now) }.min()
    }

    /// The status of every tracker, in the order in which they are tried.
    func statuses(at now: Instant) -> [TrackerStatus] { tiers.flatMap { $0.statuses(at: now) } }

    /// Returns the next announce that is due. Call it until it returns nil.
    mutating func nextAnnounce(at now: Instant) -> Announce? {
        guard !isStopped else { return nil }
        for index in tiers.indices {
            guard let ready = tiers[index].readyTime(at: now), ready <= now else { continue }
            guard let place = tiers[index].candidate(at: now) else { continue }
            idCount += 1
            let event = tiers[index].event(at: place)
            tiers[index].trackers[place].flight = .init(id: idCount, event: event, start: now)
            return makeAnnounce(idCount, tier: index, place: place, event: event)
        }
        return nil
    }

    /// Records a response to `announce`.
    mutating func handleResponse(
        _ response: AnnounceResponse,
        to announce: Announce,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) {
        handleTold(announce)
        guard !isStopped, let place = tiers[announce.tier].land(announce.id) else { return }
        let wait = makeWait(after: response, using: &random)
        tiers[announce.tier].handleSuccess(at: place, response, wait: wait, at: now)
    }

    /// Records that `announce` was answered, when only that matters, as after `handleStopped`.
    mutating func handleTold(_ announce: Announce) {
        if announce.event == .completed { tiers[announce.tier].isCompletedPending = false }
    }

    /// Records that `announce` failed or was refused.
    mutating func handleFailure(
        _ failure: TrackerError,
        of announce: Announce,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) {
        guard !isStopped, let place = tiers[announce.tier].land(announce.id) else { return }
        let count = tiers[announce.tier].trackers[place].failureCount
        let delay = makeRetryDelay(after: failure, failureCount: count, using: &random)
        tiers[announce.tier].handleFailure(failure, at: place, retryAt: delay.map { now + $0 })
    }

    /// Records that the download is complete. A tracker that could not be reached yet is told after `started`.
    mutating func handleCompleted(at now: Instant) {
        guard !isComplete else { return }
        isComplete = true
        for index in tiers.indices {
            tiers[index].isCompletedPending = true
            tiers[index].due = now
        }
    }

    /// The announce URLs of trackers that have not been told of the completion, one per tier.
    var untoldCompletion: [String] {
        tiers.filter(\.isCompletedPending).compactMap { $0.trackers.first?.status.url }
    }

    /// Lets every tier announce as soon as its tracker's minimum interval has passed, because there are too few peers.
    mutating func handleNeedOfPeers(at now: Instant) {
        for index in tiers.indices { tiers[index].due = min(tiers[index].due, now) }
    }

    /// The last announces to one tracker.
    struct Goodbye: Hashable, Sendable {
        /// The running announce that must end first, because it reports the completion, which must be counted once.
        let flight: UInt64?
        /// The announces to make in order: `completed` if it was not announced yet, then `stopped`.
        let announces: [Announce]
    }

    /// Stops the schedule. Returns the last announces to each tracker that may know us, and to one of each tier that still
    /// has to be told of the completion; no others follow.
    mutating func handleStopped() -> [Goodbye] {
        guard !isStopped else { return [] }
        isStopped = true
        var goodbyes: [Goodbye] = []
        for index in tiers.indices {
            // A tier is told of the completion once, through the tracker that it works with.
            var isUntold = tiers[index].isCompletedPending && !tiers[index].isTellingCompletion
            var places = tiers[index].trackers.indices.filter { tiers[index].trackers[$0].mayKnowUs }
            if places.isEmpty, isUntold, let first = tiers[index].trackers.firstIndex(where: { !$0.isAbandoned }) {
                places = [first]
            }
            for place in places {
                let flight = tiers[index].trackers[place].flight
                let isTelling = flight?.event == .completed
                let events: [AnnounceRequest.Event] = isUntold ? [.completed, .stopped] : [.stopped]
                isUntold = false
                let announces = events.map { event in
                    idCount += 1
                    return makeAnnounce(idCount, tier: index, place: place, event: event)
                }
                goodbyes.append(Goodbye(flight: isTelling ? flight?.id : nil, announces: announces))
                tiers[index].trackers[place].flight = nil
            }
        }
        return goodbyes
    }

    private func makeAnnounce(_ id: UInt64, tier: Int, place: Int, event: AnnounceRequest.Event) -> Announce {
        let tracker = tiers[tier].trackers[place]
        return Announce(id: id, url: tracker.status.url, event: event, trackerID: tracker.trackerID, tier: tier)
    }
}

// MARK: - Intervals

extension AnnounceSchedule {
    /// How long to wait after a response.
    struct Wait: Hashable, Sendable {
        /// Until the next announce on request.
        let minimum: Interval
        /// Until the next regular announce.
        let regular: Interval
    }

    /// At least the tracker's minimum, and up to a tenth more than the interval, so that torrents added together drift
    /// apart.
    private func makeWait(after response: AnnounceResponse, using random: inout some RandomNumberGenerator) -> Wait {
        let asked = bounded(seconds: response.intervalSeconds)
        let sooner = min(asked, limits.fewPeersInterval)
        let minimum = response.minimumIntervalSeconds.map(bounded(seconds:)) ?? sooner
        let wantsPeers = !isComplete && response.peers.count < limits.fewPeers
        let interval = max(minimum, wantsPeers ? sooner : asked)
        return Wait(minimum: minimum, regular: interval + jitter(upTo: interval / 10, using: &random))
    }

    /// The delay before a retry: exponential, plus up to a quarter; nil for never.
    private func makeRetryDelay(
        after failure: TrackerError,
        failureCount: Int,
        using random: inout some RandomNumberGenerator
    ) -> Interval? {
        if failure.code == .unfitURL { return nil }
        switch failure.retry {
        case .never: return nil
        case .after(let minutes): return bounded(seconds: min(minutes, Int(limits.longestInterval.seconds) / 60) * 60)
        case nil: break
        }
        if let seconds = failure.retryAfterSeconds { return bounded(seconds: seconds) }
        // Our own lack of resources says nothing about the tracker.
        let count = failure.code == .exhausted ? 0 : failureCount
        let doubled = limits.firstRetry * (1 << Int64(min(count, 16)))
        let delay = min(doubled, limits.longestRetry)
        return delay + jitter(upTo: delay / 4, using: &random)
    }

    private func bounded(seconds: Int) -> Interval {
        // Clamped before multiplying, so no number from a tracker can overflow.
        let believed = Interval.seconds(min(max(0, seconds), Int(limits.longestInterval.seconds)))
        return max(believed, limits.shortestInterval)
    }

    private func jitter(upTo most: Interval, using random: inout some RandomNumberGenerator) -> Interval {
        Interval(nanoseconds: .random(in: 0...max(0, most.nanoseconds), using: &random))
    }
}
