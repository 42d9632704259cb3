// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheTrackers

/// Runs schedules against trackers of all kinds, for days of virtual time.
@Suite struct AnnounceScheduleSimulationTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func rulesHold(seed: UInt64) throws {
        var simulation = Simulation(seed: seed)
        let complaint = simulation.run(until: .zero + .minutes(3 * 24 * 60))
        #expect(complaint == nil, "seed \(seed)")
    }
}

private struct Simulation {
    struct Tracker {
        var failureShare: Double
        var interval: Int
        var minimum: Int?
        var isStarted = false
        var completedCount = 0
        var answeredAt: Instant?
        var announceCount = 0
    }

    struct Flight {
        var announce: AnnounceSchedule.Announce
        var start: Instant
        var end: Instant
    }

    var random: SeededRandom
    var schedule: AnnounceSchedule
    var trackers: [String: Tracker] = [:]
    var flights: [Flight] = []
    var now = Instant.zero
    var isComplete: Bool
    let limits = TrackerLimits()

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        isComplete = Int.random(in: 0..<4, using: &random) == 0
        var tiers: [[String]] = []
        for tier in 0..<Int.random(in: 1...4, using: &random) {
            tiers.append((0..<Int.random(in: 1...4, using: &random)).map { "\(tier).\($0)" })
        }
        for url in tiers.joined() {
            trackers[url] = Tracker(
                failureShare: [0, 0.2, 0.9, 1].randomElement(using: &random) ?? 0,
                interval: Int.random(in: 0...4000, using: &random),
                minimum: Bool.random(using: &random) ? Int.random(in: 0...2000, using: &random) : nil
            )
        }
        schedule = AnnounceSchedule(tiers: tiers, isComplete: isComplete, limits: limits, at: now, using: &random)
    }

    /// Returns the rule that was broken, if any.
    mutating func run(until end: Instant) -> String? {
        while now < end {
            if let complaint = depart() { return complaint }
            let landing = flights.map(\.end).min()
            let wake = schedule.nextWake(at: now)
            if let wake, wake <= now { return "awake at \(now) with nothing to announce" }
            guard var next = [landing, wake].compactMap(\.self).min() else { return nil }
            if Int.random(in: 0..<50, using: &random) == 0 {
                next = now + .seconds(Int64.random(in: 1...3, using: &random))
                disturb()
            }
            now = next
            land()
        }
        return leave()
    }

    private mutating func disturb() {
        if Bool.random(using: &random) {
            schedule.handleNeedOfPeers(at: now)
        } else {
            isComplete = true
            schedule.handleCompleted(at: now)
        }
    }

    private mutating func depart() -> String? {
        while let announce = schedule.nextAnnounce(at: now) {
            guard var tracker = trackers[announce.url] else { return "unknown tracker \(announce.url)" }
            if let complaint = complaint(aboutRivalsOf: announce) { return complaint }
            switch announce.event {
            case .started: if tracker.isStarted { return "started twice at \(announce.url)" }
            case .completed: if !isComplete || tracker.completedCount > 0 || !tracker.isStarted { return "completed" }
            case .none, .paused:
                if !tracker.isStarted { return "not started" }
                let minimum = Interval.seconds(tracker.minimum ?? min(tracker.interval, 300))
                if let last = tracker.answeredAt, now - last < max(minimum, limits.shortestInterval) {
                    return "too soon at \(announce.url)"
                }
            case .stopped: return "stopped"
            }
            tracker.announceCount += 1
            trackers[announce.url] = tracker
            flights.append(
                Flight(
                    announce: announce,
                    start: now,
                    end: now + .milliseconds(Int64.random(in: 0...9000, using: &random))
                )
            )
        }
        return nil
    }

    /// A tier asks two trackers at once only while none has answered, and not before the first has had its time.
    private func complaint(aboutRivalsOf announce: AnnounceSchedule.Announce) -> String? {
        let rivals = flights.filter { $0.announce.url.first == announce.url.first }
        guard let latest = rivals.map(\.start).max() else { return nil }
        if rivals.contains(where: { $0.announce.url == announce.url }) { return "\(announce.url) twice at once" }
        let known = trackers.filter { $0.key.first == announce.url.first && $0.value.isStarted }.keys
        if rivals.contains(where: { known.contains($0.announce.url) }) { return "two in a tier that has answered" }
        return known.isEmpty && now < latest + limits.tierPatience ? "\(announce.url) is asked too early" : nil
    }

    private mutating func land() {
        for flight in flights where flight.end <= now {
            guard var tracker = trackers[flight.announce.url] else { continue }
            if Double.random(in: 0..<1, using: &random) < tracker.failureShare {
                let retry =
                    [nil, nil, TrackerMessageError.Retry.after(minutes: 3)].randomElement(using: &random) ?? nil
                let failure = TrackerError(.refused, "", retry: retry)
                schedule.handleFailure(failure, of: flight.announce, at: now, using: &random)
            } else {
                tracker.isStarted = true
                tracker.answeredAt = now
                if flight.announce.event == .completed { tracker.completedCount += 1 }
                var response = AnnounceResponse(intervalSeconds: tracker.interval)
                response.minimumIntervalSeconds = tracker.minimum
                schedule.handleResponse(response, to: flight.announce, at: now, using: &random)
            }
            trackers[flight.announce.url] = tracker
        }
        flights.removeAll { $0.end <= now }
    }

    private mutating func leave() -> String? {
        for (url, tracker) in trackers where tracker.failureShare == 0 && tracker.isStarted {
            if let last = tracker.answeredAt, now - last > .minutes(90),
                trackers.keys.filter({ $0.first == url.first }).count == 1
            {
                return "\(url) works and is forgotten"
            }
        }
        let flying = Set(flights.map(\.announce.url))
        let expected = Set(trackers.filter { $0.value.isStarted }.keys).union(flying)
        let goodbyes = schedule.handleStopped()
        // One that never answered is told nothing but a completion that nobody of its tier knows of.
        let strangers = goodbyes.filter { $0.announces.last.map { !expected.contains($0.url) } ?? false }
        guard strangers.allSatisfy({ $0.announces.map(\.event) == [.completed, .stopped] }) else { return "strangers" }
        let told = goodbyes.compactMap(\.announces.last?.url).filter(expected.contains)
        guard goodbyes.allSatisfy({ $0.announces.last?.event == .stopped }), told.count == expected.count,
            Set(told) == expected
        else { return "goodbyes to \(told), not to \(expected)" }
        let completions = goodbyes.flatMap(\.announces).filter { $0.event == .completed }
        guard completions.count <= 1 || Set(completions.map { $0.url.first }).count == completions.count else {
            return "a tier is told twice of the completion"
        }
        return schedule.nextWake(at: now) == nil ? nil : "awake after the end"
    }
}
