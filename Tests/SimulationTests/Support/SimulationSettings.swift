// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Which seeds to run, from the environment.
enum SimulationSettings {
    /// `SIM_SEED=n` replays only that seed. `SIM_SEEDS=n` runs that many, from `SIM_FIRST` on, so an interrupted run
    /// can continue. By default, twenty seeds from 1 on run after those that once failed.
    static let seeds: [UInt64] = {
        if let seed = number("SIM_SEED") { return [seed] }
        let first = number("SIM_FIRST") ?? 1
        let count = min(max(1, number("SIM_SEEDS") ?? 20), 1_000_000)
        let fresh = (0..<count).map { first &+ $0 }
        let known = Seeds.regressions.map(\.seed)
        return first == 1 ? known + fresh.filter { !known.contains($0) } : fresh
    }()

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap(UInt64.init)
    }
}

/// The command that reproduces a failure.
func replayLine(_ seed: UInt64) -> String { "replay: make sim SEED=\(seed)" }
