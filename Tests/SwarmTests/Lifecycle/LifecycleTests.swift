// SPDX-License-Identifier: Apache-2.0

import RucheStorage
import RucheWire
import Testing

@testable import RucheSwarm

/// The way of a torrent from one state to the next, and back.
@Suite struct LifecycleTests {
    private let check = LifecycleWork.check(LifecycleTicket(number: 1))
    private let change = LifecycleWork.change(LifecycleTicket(number: 2))

    // MARK: - Opening

    @Test("A torrent file is opened at once, and runs when its content is open")
    func opening() {
        var bench = LifecycleBench(.init(hasMetadata: true))
        bench.send(.begun(hasTurn: true))
        #expect(bench.actions == [.open(isExpectedWhole: false), .announce(.checking(0))])
        bench.send(.progress(0.5))
        #expect(bench.actions.isEmpty && bench.core.state == .checking(0.5))
        bench.send(.progress(0.4))
        #expect(bench.core.state == .checking(0.5), "progress does not go back")
        bench.send(.opened(.part))
        #expect(bench.actions == [.remember, .startDriver, .joinSources, .announce(.downloading)])
    }

    @Test("A torrent that is complete from the start seeds, and tells nobody that it was completed")
    func openedWhole() {
        let bench = LifecycleBench.open(.whole)
        #expect(bench.actions == [.remember, .startDriver, .joinSources, .announce(.seeding)])
        #expect(bench.completions == 0)
    }

    @Test("A magnet runs to fetch its metadata, and keeps its peers while the content is opened")
    func magnet() {
        var bench = LifecycleBench(.init(hasMetadata: false))
        bench.send(.begun(hasTurn: true))
        #expect(bench.actions == [.startDriver, .joinSources, .announce(.fetchingMetadata)])
        bench.send(.metadata)
        #expect(bench.actions == [.open(isExpectedWhole: false), .announce(.checking(0))])
        #expect(bench.isDriverRunning)
        bench.send(.opened(.part))
        #expect(bench.actions == [.remember, .announce(.downloading)])
    }

    @Test("Metadata that is no torrent fails it, until it is resumed")
    func badMetadata() {
        var bench = LifecycleBench(.init(hasMetadata: false))
        bench.send(.begun(hasTurn: true))
        bench.send(.failed(.final))
        #expect(bench.core.state == .failed(.final) && !bench.isDriverRunning && bench.core.phase.mayFallDormant)
        bench.send(.resumed(isFinished: false))
        #expect(bench.core.state == .fetchingMetadata && bench.isDriverRunning)
    }

    @Test("Metadata that comes after the torrent has failed does not open it")
    func lateMetadata() {
        var bench = LifecycleBench(.init(hasMetadata: false))
        bench.send(.begun(hasTurn: true))
        bench.send(.failed(.final))
        bench.send(.metadata)
        #expect(bench.core.state == .failed(.final) && !bench.isOpening)
        bench.send(.resumed(isFinished: false))
        #expect(bench.isOpening)
    }

    @Test("What lasts fails a torrent that is being opened")
    func openingFails() {
        var bench = LifecycleBench(.init(hasMetadata: true))
        bench.send(.begun(hasTurn: true))
        bench.send(.asked(check))
        #expect(bench.actions.isEmpty, "a check waits until the opening is over")
        bench.send(.openingFailed(.final))
        #expect(
            bench.actions == [
                .log(.failure(.final)), .failReaders(.final), .refuse(check, .final), .remember,
                .announce(.failed(.final)),
            ]
        )
        bench.send(.retry)
        #expect(bench.actions.isEmpty, "only the user can mend it")
        bench.send(.resumed(isFinished: false))
        #expect(bench.actions == [.remember, .open(isExpectedWhole: false), .announce(.checking(0))])
    }

    @Test("What passes suspends it: it is tried again after pauses that double, and shown as suspended meanwhile")
    func suspension() {
        var bench = LifecycleBench(.init(hasMetadata: true))
        bench.send(.begun(hasTurn: true))
        for (attempt, pause) in [Interval.seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5)].enumerated() {
            bench.send(.openingFailed(.passing))
            #expect(bench.actions.contains(.retry(after: pause)))
            #expect(bench.actions.contains(.log(.trouble(.passing))) == (attempt == 0), "an error is logged once")
            #expect(bench.core.state == .suspended(.passing) && bench.core.phase.mayFallDormant)
            bench.send(.retry)
            #expect(bench.actions == [.open(isExpectedWhole: false)])
        }
        bench.send(.opened(.part))
        #expect(bench.core.state == .downloading && bench.core.phase.obstacle == nil)
    }

    @Test("A seed that wakes is expected to be whole until the user resumes it in spite of what is missing")
    func expectedWhole() {
        let error = TorrentError(StorageError(.changed, operation: "seed", path: "film.mkv", reason: "as told"))
        var bench = LifecycleBench(
            .init(hasMetadata: true, isExpectedWhole: true, holdsSources: true, announced: .seeding)
        )
        bench.send(.begun(hasTurn: true))
        #expect(bench.actions == [.open(isExpectedWhole: true)], "an observer sees it go on seeding")
        bench.send(.openingFailed(error))
        #expect(bench.core.state == .suspended(error))
        #expect(bench.actions.contains(.leaveSources), "a seed that cannot be opened is no seed")
        bench.send(.retry)
        #expect(bench.actions == [.open(isExpectedWhole: true)])
        bench.send(.resumed(isFinished: false))
        #expect(bench.core.state == .queued)
        bench.send(.openingFailed(error))
        bench.send(.retry)
        #expect(bench.actions == [.open(isExpectedWhole: false)])
    }

    @Test("A seed that wakes goes on with the sources that it has stayed a member of")
    func restingSources() {
        var bench = LifecycleBench(
            .init(hasMetadata: true, isExpectedWhole: true, holdsSources: true, announced: .seeding)
        )
        bench.send(.begun(hasTurn: true))
        bench.send(.opened(.whole))
        #expect(bench.actions == [.remember, .startDriver, .joinSources])
        var paused = LifecycleBench(.init(hasMetadata: true, isExpectedWhole: true, holdsSources: true))
        paused.send(.begun(hasTurn: true))
        paused.send(.paused)
        #expect(paused.actions == [.remember, .leaveSources, .announce(.paused)])
    }

    @Test("An opening that is cancelled leaves the torrent unopened")
    func abandoned() {
        var bench = LifecycleBench(.init(hasMetadata: true))
        bench.send(.begun(hasTurn: true))
        bench.send(.openingAbandoned)
        #expect(bench.actions == [.announce(.queued)])
        bench.send(.resumed(isFinished: false))
        #expect(bench.isOpening)
    }

    // MARK: - Running

    @Test("A paused torrent is checked, and runs once it is resumed")
    func pausing() {
        var bench = LifecycleBench(.init(hasMetadata: true, isPaused: true))
        bench.send(.begun(hasTurn: true))
        #expect(bench.actions == [.open(isExpectedWhole: false), .announce(.checking(0))])
        bench.send(.opened(.part))
        #expect(bench.actions == [.remember, .announce(.paused)])
        bench.send(.resumed(isFinished: false))
        #expect(bench.actions == [.remember, .startDriver, .joinSources, .announce(.downloading)])
        bench.send(.paused)
        #expect(bench.actions == [.remember, .stopDriver, .leaveSources, .announce(.paused)])
    }

    @Test("Without a turn a torrent is queued")
    func turns() {
        var bench = LifecycleBench.open(.part)
        bench.send(.turn(false))
        #expect(bench.actions == [.stopDriver, .leaveSources, .announce(.queued)])
        bench.send(.turn(true))
        #expect(bench.actions == [.startDriver, .joinSources, .announce(.downloading)])
    }

    @Test("A torrent fails once, and keeps its content for the time when it is resumed")
    func failing() {
        var bench = LifecycleBench.open(.wanted)
        bench.send(.failed(.final))
        #expect(
            bench.actions == [
                .log(.failure(.final)), .failReaders(.final), .stopDriver, .leaveSources, .announce(.failed(.final)),
            ]
        )
        bench.send(.failed(.passing))
        #expect(bench.actions.isEmpty)
        bench.send(.resumed(isFinished: true))
        #expect(bench.actions == [.remember, .startDriver, .joinSources, .announce(.seeding)])
    }

    // MARK: - The disk

    @Test("A disk that cannot be written to leaves the torrent in its swarm, one that cannot be read does not")
    func trouble() {
        var bench = LifecycleBench.open(.part)
        let trouble = DiskTrouble.make()
        bench.send(.trouble(trouble))
        #expect(bench.core.state == .suspended(TorrentError(trouble.error)) && bench.isDriverRunning)
        bench.send(.trouble(.make(stopsSharing: true)))
        #expect(bench.actions == [.stopDriver, .leaveSources], "the same error is not logged again")
        bench.send(.trouble(nil))
        #expect(bench.actions == [.log(.recovered), .startDriver, .joinSources, .announce(.downloading)])
        bench.send(.trouble(.make(.occupied, isFinal: true)))
        #expect(bench.core.phase.obstacle?.failure?.storage?.code == .occupied)
    }

    @Test("What could not be read is verified once when the user resumes it, however often that is")
    func checkAfterTrouble() {
        var bench = LifecycleBench.open(.whole)
        bench.send(.trouble(.make(stopsSharing: true)))
        bench.send(.resumed(isFinished: true))
        #expect(bench.running == .checkAfterTrouble && bench.core.state == .checking(0))
        bench.send(.resumed(isFinished: true))
        bench.send(.trouble(nil))
        bench.send(.ended(.checkAfterTrouble, holding: .whole))
        #expect(bench.running == nil && bench.core.state == .seeding && bench.isDriverRunning)
    }

    // MARK: - Completion and loss

    @Test("A torrent is complete once its files have their names, and says so once")
    func completion() {
        var bench = LifecycleBench.open(.part)
        bench.send(.completed)
        #expect(bench.actions == [.begin(.completion)] && bench.core.state == .downloading)
        bench.send(.ended(.completion, holding: .whole))
        #expect(bench.actions == [.log(.complete), .noteWhole, .remember, .announce(.seeding)])
        bench.send(.completed)
        bench.send(.ended(.completion, holding: .whole))
        #expect(bench.actions == [.remember] && bench.completions == 1)
        #expect(bench.core.phase.mayFallDormant)
    }

    @Test("A part that the user wanted is complete, and no completion for trackers")
    func partialCompletion() {
        var bench = LifecycleBench.open(.part)
        bench.send(.completed)
        bench.send(.ended(.completion, holding: .wanted))
        #expect(bench.actions == [.log(.complete), .remember, .announce(.seeding)])
        #expect(!bench.core.phase.mayFallDormant)
    }

    @Test("A completion whose files cannot have their names is none; resuming tries again")
    func unfinishedFiles() {
        var bench = LifecycleBench.open(.part)
        bench.send(.completed)
        bench.send(.failed(.final))
        bench.send(.ended(.completion, holding: nil))
        #expect(bench.core.state == .failed(.final) && bench.core.holding == .part)
        bench.send(.completed)
        #expect(bench.actions.isEmpty)
        bench.send(.resumed(isFinished: true))
        #expect(bench.running == .completion)
    }

    @Test("What is lost is downloaded again, and completed again")
    func loss() {
        var bench = LifecycleBench.open(.whole)
        bench.send(.lost(.part))
        #expect(bench.actions == [.remember, .announce(.downloading)])
        bench.send(.completed)
        bench.send(.ended(.completion, holding: .whole))
        #expect(bench.completions == 1)
        bench.send(.lost(.wanted))
        #expect(bench.core.state == .seeding && !bench.core.phase.mayFallDormant)
    }

    // MARK: - Work

    @Test("Work is done one piece after the other, and a check takes the torrent out of its swarm")
    func work() {
        var bench = LifecycleBench.open(.part)
        bench.send(.asked(change))
        #expect(bench.actions == [.begin(change)] && bench.isDriverRunning)
        bench.send(.asked(check))
        bench.send(.completed)
        #expect(bench.actions.isEmpty)
        bench.send(.ended(change, holding: .part))
        #expect(
            bench.actions == [.remember, .stopDriver, .leaveSources, .announce(.checking(0)), .begin(check)]
        )
        bench.send(.progress(0.5))
        bench.send(.ended(check, holding: .wanted))
        #expect(
            bench.actions == [.remember, .startDriver, .joinSources, .announce(.seeding), .begin(.completion)]
        )
    }

    @Test("Work is refused while nothing is open, with what stands in the way")
    func refused() {
        var bench = LifecycleBench(.init(hasMetadata: true))
        bench.send(.asked(change))
        #expect(bench.actions.count == 2 && bench.pending.isEmpty)
        bench.send(.begun(hasTurn: true))
        bench.send(.asked(change))
        #expect(bench.pending.isEmpty, "nothing can be changed before the content is open")
        bench.send(.openingFailed(.passing))
        bench.send(.asked(check))
        #expect(bench.actions == [.refuse(check, .passing)])
    }

    @Test("Work that is withdrawn is not begun, or is cancelled")
    func withdrawn() {
        var bench = LifecycleBench.open(.part)
        bench.send(.asked(change))
        bench.send(.asked(check))
        bench.send(.withdrawn(check))
        #expect(bench.actions == [.refuse(check, nil)])
        bench.send(.withdrawn(change))
        #expect(bench.actions == [.cancel(change)])
        bench.send(.ended(change, holding: nil))
        #expect(bench.actions.isEmpty && bench.running == nil)
        bench.send(.withdrawn(change))
        #expect(bench.actions.isEmpty)
    }

    // MARK: - The end

    @Test("The end stops what runs, refuses what waits, and nothing follows it", arguments: [false, true])
    func end(isDormant: Bool) {
        var bench = LifecycleBench.open(.part)
        bench.send(.asked(change))
        bench.send(.asked(check))
        bench.send(.closed(isDormant: isDormant))
        let notOpen = TorrentError(.notReady, "the torrent is not open yet")
        #expect(
            bench.actions == [
                .cancel(change), .refuse(check, notOpen), .stopDriver, isDormant ? .restSources : .leaveSources,
            ]
        )
        bench.send(.ended(change, holding: .whole))
        bench.send(.resumed(isFinished: true))
        bench.send(.closed(isDormant: isDormant))
        #expect(bench.actions.isEmpty && bench.core.state == .downloading)
        bench.send(.asked(change))
        #expect(bench.actions == [.refuse(change, notOpen)])
    }

    @Test("The end cancels an opening")
    func endOfOpening() {
        var bench = LifecycleBench(.init(hasMetadata: true))
        bench.send(.begun(hasTurn: true))
        bench.send(.closed(isDormant: false))
        #expect(bench.actions == [.cancelOpening])
        bench.send(.opened(.whole))
        #expect(bench.actions.isEmpty)
    }

    @Test("A torrent is idle once nobody has needed it for long enough without a break")
    func idleness() {
        var bench = LifecycleBench.open(.whole)
        func isIdle(at seconds: Int64, isNeeded: Bool = false) -> Bool {
            bench.hasBeenIdle(for: .seconds(10), isNeeded: isNeeded, at: .zero + .seconds(seconds))
        }
        #expect([0, 9, 10].map { isIdle(at: $0) } == [false, false, true])
        #expect(!isIdle(at: 11, isNeeded: true))
        #expect([12, 21, 22].map { isIdle(at: $0) } == [false, false, true])
        bench.send(.lost(.part))
        #expect(!isIdle(at: 99), "a download is never idle")
    }
}
