// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

/// Any events in any order: the bench holds every action to the core's invariants.
@Suite struct LifecycleChanceTests {
    @Test(arguments: 0..<400 as Range<UInt64>)
    func anyEvents(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var world = World(&random)
        for _ in 0..<300 {
            let event = world.nextEvent(&random)
            let old = world.bench
            world.bench.send(event)
            expectCompletions(from: old, to: world.bench, by: event, seed)
        }
        world.bench.send(.closed(isDormant: Bool.random(using: &random)))
        #expect(world.bench.core.isClosed && world.bench.pending.isEmpty, "seed \(seed)")
    }

    /// A completion is told once, by completion work that has found everything where something was missing.
    private func expectCompletions(
        from old: LifecycleBench,
        to new: LifecycleBench,
        by event: LifecycleEvent,
        _ seed: UInt64
    ) {
        var isCompleted = false
        if case .ended(.completion, .whole) = event {
            isCompleted = old.running == .completion && !old.core.isClosed && old.core.holding == .part
        }
        #expect(new.completions - old.completions == (isCompleted ? 1 : 0), "seed \(seed)")
    }

    /// Every state is reached, or the test above shows little.
    @Test func statesAreReached() {
        var reached: Set<String> = []
        for seed in 0..<100 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var world = World(&random)
            for _ in 0..<300 {
                world.bench.send(world.nextEvent(&random))
                reached.insert("\(world.bench.core.state)".prefix { $0 != "(" }.description)
                if let running = world.bench.running { reached.insert("\(running)".prefix { $0 != "(" }.description) }
            }
        }
        #expect(
            reached.isSuperset(of: [
                "fetchingMetadata", "checking", "queued", "downloading", "seeding", "paused", "suspended", "failed",
                "change", "check", "checkAfterTrouble", "completion",
            ])
        )
    }
}

/// What may happen to a torrent: only what the owner has begun ends, and all else at any time.
private struct World {
    var bench: LifecycleBench
    private var ticketCount = 0

    init(_ random: inout SeededRandom) {
        let isDormant = Int.random(in: 0..<3, using: &random) == 0
        bench = LifecycleBench(
            .init(
                hasMetadata: isDormant || Bool.random(using: &random),
                isPaused: Int.random(in: 0..<4, using: &random) == 0,
                isExpectedWhole: isDormant,
                suspension: isDormant && Bool.random(using: &random)
                    ? Suspension(error: .passing, attemptCount: 2) : nil,
                holdsSources: isDormant
            )
        )
    }

    mutating func nextEvent(_ random: inout SeededRandom) -> LifecycleEvent {
        if Int.random(in: 0..<3, using: &random) == 0, let end = nextEnd(&random) { return end }
        switch Int.random(in: 0..<40, using: &random) {
        case 0..<4: return .begun(hasTurn: Bool.random(using: &random))
        case 4..<8: return .turn(Int.random(in: 0..<3, using: &random) > 0)
        case 8..<10: return .paused
        case 10..<16: return .resumed(isFinished: Bool.random(using: &random))
        case 16..<18: return .retry
        case 18..<20: return .metadata
        case 20..<22: return .progress(Double.random(in: 0...1, using: &random))
        case 22..<26: return .completed
        case 26..<28: return .lost(holding(&random))
        case 28..<32: return .trouble(trouble(&random))
        case 32: return .failed(.final)
        case 33..<36: return .asked(work(&random))
        case 36..<39: return .withdrawn(bench.pending.min { $0.number < $1.number } ?? bench.running ?? work(&random))
        default: return Int.random(in: 0..<8, using: &random) == 0 ? .closed(isDormant: true) : .completed
        }
    }

    /// The end of what the owner does.
    private func nextEnd(_ random: inout SeededRandom) -> LifecycleEvent? {
        if bench.isOpening {
            switch Int.random(in: 0..<6, using: &random) {
            case 0: return .openingAbandoned
            case 1: return .openingFailed(.passing)
            case 2: return .openingFailed(.final)
            default: return .opened(holding(&random))
            }
        }
        guard let running = bench.running else { return nil }
        return .ended(running, holding: Int.random(in: 0..<4, using: &random) == 0 ? nil : holding(&random))
    }

    private mutating func work(_ random: inout SeededRandom) -> LifecycleWork {
        ticketCount += 1
        let ticket = LifecycleTicket(number: ticketCount)
        return Bool.random(using: &random) ? .change(ticket) : .check(ticket)
    }

    private func holding(_ random: inout SeededRandom) -> ContentHolding {
        [.part, .wanted, .whole][Int.random(in: 0..<3, using: &random)]
    }

    private func trouble(_ random: inout SeededRandom) -> DiskTrouble? {
        guard Bool.random(using: &random) else { return nil }
        return .make(stopsSharing: Bool.random(using: &random), isFinal: Int.random(in: 0..<8, using: &random) == 0)
    }
}

extension LifecycleWork {
    fileprivate var number: Int {
        switch self {
        case .change(let ticket), .check(let ticket): ticket.number
        case .checkAfterTrouble, .completion: 0
        }
    }
}
