// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheTrackers

/// A schedule with its randomness, by reference, because expectations cannot hold a value that changes.
private final class ScheduleUnderTest {
    private var schedule: AnnounceSchedule
    private var random = SeededRandom(seed: 1)

    init(_ tiers: [[String]], isComplete: Bool, at now: Instant) {
        schedule = AnnounceSchedule(tiers: tiers, isComplete: isComplete, at: now, using: &random)
    }

    func nextAnnounce(at now: Instant) -> AnnounceSchedule.Announce? { schedule.nextAnnounce(at: now) }
    func nextWake(at now: Instant) -> Instant? { schedule.nextWake(at: now) }
    var copy: AnnounceSchedule { schedule }
    func statuses(at now: Instant) -> [TrackerStatus] { schedule.statuses(at: now) }
    func handleCompleted(at now: Instant) { schedule.handleCompleted(at: now) }
    func handleNeedOfPeers(at now: Instant) { schedule.handleNeedOfPeers(at: now) }
    func handleStopped() -> [AnnounceSchedule.Goodbye] { schedule.handleStopped() }

    func handleResponse(_ response: AnnounceResponse, to announce: AnnounceSchedule.Announce, at now: Instant) {
        schedule.handleResponse(response, to: announce, at: now, using: &random)
    }

    func handleFailure(_ failure: TrackerError, of announce: AnnounceSchedule.Announce, at now: Instant) {
        schedule.handleFailure(failure, of: announce, at: now, using: &random)
    }
}

@Suite struct AnnounceScheduleTests {
    private let start = Instant(nanoseconds: 1_000)
    private let limits = TrackerLimits()

    private func makeSchedule(_ tiers: [[String]], isComplete: Bool = false) -> ScheduleUnderTest {
        ScheduleUnderTest(tiers, isComplete: isComplete, at: start)
    }

    private func response(interval: Int, minimum: Int? = nil, peers: Int = 50) -> AnnounceResponse {
        let endpoint = PeerEndpoint(address: IPAddress(v4: 0x7f00_0001), port: 1)
        var response = AnnounceResponse(intervalSeconds: interval, peers: Array(repeating: endpoint, count: peers))
        response.minimumIntervalSeconds = minimum
        return response
    }

    private func drain(_ schedule: ScheduleUnderTest, at now: Instant) -> [AnnounceSchedule.Announce] {
        var announces: [AnnounceSchedule.Announce] = []
        while let announce = schedule.nextAnnounce(at: now) { announces.append(announce) }
        return announces
    }

    @Test func everyTierStartsAtOnceAndEachByOneTracker() {
        let schedule = makeSchedule([["a", "b", "c"], ["d"], ["a", "e"]])
        let announces = drain(schedule, at: start)
        #expect(announces.count == 3)
        #expect(announces.allSatisfy { $0.event == .started })
        #expect(announces[1].url == "d")
        #expect(announces[2].url == "e", "a repeated URL is left out")
        #expect(schedule.nextWake(at: start) == start + limits.tierPatience)
    }

    @Test func urlsAreToldApartByTheirBytes() throws {
        let tiers = [["http://t/\u{e9}"], ["http://t/e\u{301}"]]
        var random = SeededRandom(seed: 1)
        let untold = tiers[1]
        let schedule = AnnounceSchedule(tiers: tiers, isComplete: true, untold: untold, at: start, using: &random)
        #expect(schedule.statuses(at: start).count == 2)
        #expect(schedule.untoldCompletion.map { Array($0.utf8) } == untold.map { Array($0.utf8) })
        // Each of them goes on as itself.
        let rested = AnnounceSchedule(
            tiers: tiers,
            resting: schedule.rest(tiers),
            limits: limits,
            at: start,
            using: &random
        )
        #expect(rested.untoldCompletion.map { Array($0.utf8) } == untold.map { Array($0.utf8) })
    }

    @Test func aTrackersIDIsKeptUntilItGivesAnother() throws {
        let schedule = makeSchedule([["a"]])
        var now = start
        for (given, expected) in [([1], nil), (nil, [1]), ([2], [1]), (nil, [2])] as [([UInt8]?, [UInt8]?)] {
            let announce = try #require(schedule.nextAnnounce(at: now))
            #expect(announce.trackerID == expected)
            var answer = response(interval: 60)
            answer.trackerID = given
            schedule.handleResponse(answer, to: announce, at: now)
            now = now + .minutes(10)
        }
    }

    @Test func eventsComeOnceAndInOrder() throws {
        let schedule = makeSchedule([["a"]])
        let first = try #require(schedule.nextAnnounce(at: start))
        schedule.handleCompleted(at: start)
        schedule.handleCompleted(at: start)
        schedule.handleResponse(response(interval: 1800), to: first, at: start)
        let second = try #require(schedule.nextAnnounce(at: start))
        #expect(second.event == .completed)
        schedule.handleFailure(TrackerError(.timeout, ""), of: second, at: start)
        let retry = try #require(schedule.nextWake(at: start))
        #expect(schedule.nextAnnounce(at: start) == nil)
        let third = try #require(schedule.nextAnnounce(at: retry))
        #expect(third.event == .completed, "an unanswered event is announced again")
        schedule.handleResponse(response(interval: 1800), to: third, at: retry)
        let wake = try #require(schedule.nextWake(at: retry))
        #expect(try #require(schedule.nextAnnounce(at: wake)).event == .none)
        #expect(schedule.handleStopped().flatMap(\.announces).map(\.event) == [.stopped])
        #expect(schedule.handleStopped().isEmpty)
        #expect(schedule.nextAnnounce(at: wake + .minutes(9999)) == nil)
    }

    @Test("A tracker that comes back after the download is told that it was completed")
    func completionIsNotForgotten() throws {
        let schedule = makeSchedule([["a"]])
        let first = try #require(schedule.nextAnnounce(at: start))
        schedule.handleFailure(TrackerError(.connection, "down"), of: first, at: start)
        schedule.handleCompleted(at: start)
        var leaving = schedule.copy
        #expect(leaving.handleStopped().flatMap(\.announces).map(\.event) == [.completed, .stopped])
        let now = start + .minutes(5)
        let second = try #require(schedule.nextAnnounce(at: now))
        #expect(second.event == .started)
        schedule.handleResponse(response(interval: 1800), to: second, at: now)
        #expect(schedule.nextAnnounce(at: now)?.event == .completed)
    }

    @Test func whatWasCompleteAtStartNeverCompletes() throws {
        let schedule = makeSchedule([["a"]], isComplete: true)
        let first = try #require(schedule.nextAnnounce(at: start))
        schedule.handleCompleted(at: start)
        schedule.handleResponse(response(interval: 1800), to: first, at: start)
        #expect(schedule.nextAnnounce(at: start) == nil)
    }

    @Test func aFailingTrackerGivesWayAndAWorkingOneMovesToTheFront() throws {
        let schedule = makeSchedule([["a", "b"]])
        let first = try #require(schedule.nextAnnounce(at: start))
        schedule.handleFailure(TrackerError(.connection, "broken"), of: first, at: start)
        let second = try #require(schedule.nextAnnounce(at: start))
        #expect(Set([first.url, second.url]) == ["a", "b"])
        schedule.handleResponse(response(interval: 1800), to: second, at: start)
        #expect(schedule.statuses(at: start).map(\.url) == [second.url, first.url])
        #expect(schedule.statuses(at: start).map(\.state) == [.working, .failing])
        #expect(schedule.statuses(at: start)[1].lastFailure?.message == "broken")
        let wake = try #require(schedule.nextWake(at: start))
        #expect(wake >= start + .minutes(30) && wake <= start + .minutes(33))
        #expect(schedule.nextAnnounce(at: wake)?.url == second.url)
    }

    @Test("Until a tier has answered, a silent tracker holds up none of the others")
    func silentTrackerIsNotAwaited() throws {
        let schedule = makeSchedule([["a", "b", "c"]])
        let silent = try #require(schedule.nextAnnounce(at: start))
        let patience = limits.tierPatience
        #expect(schedule.nextWake(at: start) == start + patience)
        #expect(schedule.nextAnnounce(at: start + .milliseconds(4_999)) == nil)
        let second = try #require(schedule.nextAnnounce(at: start + patience))
        #expect(schedule.nextAnnounce(at: start + patience) == nil)
        schedule.handleResponse(response(interval: 1800), to: second, at: start + patience)
        #expect(schedule.statuses(at: start + patience).map(\.url).first == second.url)
        // One that answers late gives its peers, and takes no other's place.
        let late = start + .seconds(50)
        schedule.handleResponse(response(interval: 60), to: silent, at: late)
        #expect(schedule.statuses(at: late).map(\.url).first == second.url)
        #expect(try #require(schedule.nextWake(at: late)) >= start + patience + .minutes(30))
        // Both know us.
        #expect(Set(schedule.handleStopped().flatMap(\.announces).map(\.url)) == [silent.url, second.url])
    }

    @Test("A completion is announced once, though a slow tracker was not awaited")
    func completionDespiteSilence() throws {
        let schedule = makeSchedule([["a", "b"]])
        let silent = try #require(schedule.nextAnnounce(at: start))
        let now = start + limits.tierPatience
        let second = try #require(schedule.nextAnnounce(at: now))
        schedule.handleCompleted(at: now)
        schedule.handleResponse(response(interval: 1800), to: second, at: now)
        let completed = try #require(schedule.nextAnnounce(at: now))
        #expect(completed.event == .completed && completed.url == second.url)
        schedule.handleResponse(response(interval: 1800), to: silent, at: now)
        #expect(schedule.nextAnnounce(at: now) == nil)
        schedule.handleResponse(response(interval: 1800), to: completed, at: now)
        #expect(schedule.nextAnnounce(at: now) == nil)
        #expect(schedule.handleStopped().flatMap(\.announces).allSatisfy { $0.event == .stopped })
    }

    @Test func retriesBackOffUpToTheirLimit() throws {
        let schedule = makeSchedule([["a"]])
        var now = start
        var delays: [Interval] = []
        for _ in 0..<12 {
            let announce = try #require(schedule.nextAnnounce(at: now))
            schedule.handleFailure(TrackerError(.timeout, ""), of: announce, at: now)
            let next = try #require(schedule.nextWake(at: now))
            delays.append(next - now)
            now = next
        }
        for (count, delay) in delays.enumerated() {
            let base = min(limits.firstRetry * (1 << Int64(count)), limits.longestRetry)
            #expect(delay >= base && delay <= base + base / 4)
        }
    }

    @Test(
        arguments: [
            (TrackerMessageError.Retry.after(minutes: 7), Interval.minutes(7)),
            (.after(minutes: .max), .minutes(24 * 60)),
            (.never, nil),
        ] as [(TrackerMessageError.Retry, Interval?)]
    )
    func adviceIsTaken(retry: TrackerMessageError.Retry, wait: Interval?) throws {
        let schedule = makeSchedule([["a"]])
        let announce = try #require(schedule.nextAnnounce(at: start))
        schedule.handleFailure(TrackerError(.refused, "", retry: retry), of: announce, at: start)
        #expect(schedule.nextWake(at: start) == wait.map { start + $0 })
        #expect(schedule.statuses(at: start)[0].state == (wait == nil ? .abandoned : .failing))
    }

    @Test(
        arguments: [
            (interval: 0, minimum: nil, peers: 50, least: 60),
            (interval: .max, minimum: nil, peers: 50, least: 24 * 3600),
            (interval: 1800, minimum: .max, peers: 0, least: 24 * 3600),
            (interval: 1800, minimum: nil, peers: 0, least: 300),
            (interval: 1800, minimum: 900, peers: 0, least: 900),
            (interval: 1800, minimum: 900, peers: 50, least: 1800),
            (interval: -5, minimum: -5, peers: 50, least: 60),
        ] as [(interval: Int, minimum: Int?, peers: Int, least: Int64)]
    )
    func intervalsAreHonouredAndBounded(interval: Int, minimum: Int?, peers: Int, least: Int64) throws {
        let schedule = makeSchedule([["a"]])
        let announce = try #require(schedule.nextAnnounce(at: start))
        let answer = response(interval: interval, minimum: minimum, peers: peers)
        schedule.handleResponse(answer, to: announce, at: start)
        let wait = try #require(schedule.nextWake(at: start)) - start
        #expect(wait >= .seconds(least) && wait <= .seconds(least + least / 10))
    }

    @Test func needOfPeersWaitsForTheMinimum() throws {
        let schedule = makeSchedule([["a", "b"]])
        let announce = try #require(schedule.nextAnnounce(at: start))
        schedule.handleResponse(response(interval: 1800, minimum: 600), to: announce, at: start)
        schedule.handleNeedOfPeers(at: start + .minutes(1))
        #expect(schedule.nextAnnounce(at: start + .minutes(1)) == nil)
        #expect(schedule.nextWake(at: start + .minutes(1)) == start + .minutes(10))
        #expect(schedule.nextAnnounce(at: start + .minutes(10))?.url == announce.url)
    }

    @Test("A lack of local resources does not count against a tracker, which is asked again soon each time")
    func exhausted() throws {
        let schedule = makeSchedule([["a"]])
        let limits = TrackerLimits()
        var now = start
        for _ in 0..<8 {
            let announce = try #require(schedule.nextAnnounce(at: now))
            schedule.handleFailure(TrackerError(.exhausted, ""), of: announce, at: now)
            let wake = try #require(schedule.nextWake(at: now))
            #expect(wake - now >= limits.firstRetry && wake - now <= limits.firstRetry + limits.firstRetry / 4)
            now = wake
        }
    }

    @Test func goodbyesGoToTrackersThatMayKnowUs() throws {
        let schedule = makeSchedule([["a"], ["b"], ["c"]])
        let announces = drain(schedule, at: start)
        schedule.handleResponse(response(interval: 1800), to: announces[0], at: start)
        schedule.handleFailure(TrackerError(.lookup, ""), of: announces[1], at: start)
        #expect(schedule.handleStopped().flatMap(\.announces).map(\.url) == ["a", "c"])
        schedule.handleResponse(response(interval: 1800), to: announces[2], at: start)
        #expect(schedule.nextWake(at: start) == nil)
    }

    @Test("An unannounced completion comes before the goodbye, and one under way is waited for")
    func completionComesFirst() throws {
        let schedule = makeSchedule([["a"], ["b"], ["c"]])
        let announces = drain(schedule, at: start)
        for announce in announces.prefix(2) {
            schedule.handleResponse(response(interval: 1800), to: announce, at: start)
        }
        schedule.handleCompleted(at: start)
        let telling = try #require(schedule.nextAnnounce(at: start))
        #expect(telling.url == "a" && telling.event == .completed)
        let goodbyes = schedule.handleStopped()
        #expect(
            goodbyes.map { $0.announces.map(\.event) } == [
                [.stopped], [.completed, .stopped], [.completed, .stopped],
            ]
        )
        #expect(goodbyes.map(\.flight) == [telling.id, nil, nil])
    }

    @Test func aBusyServerSaysHowLong() throws {
        let schedule = makeSchedule([["a"]])
        let announce = try #require(schedule.nextAnnounce(at: start))
        let busy = TrackerError(.status, "503", retryAfterSeconds: 600)
        schedule.handleFailure(busy, of: announce, at: start)
        #expect(schedule.nextWake(at: start) == start + .minutes(10))
    }
}
