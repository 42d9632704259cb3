// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Which seeds to run, from the environment.
enum SimulationSettings {
    /// `SIM_SEED=n` replays that seed alone; `SIM_SEEDS=n` runs that many; else twenty. Seeds that once failed come first.
    static let seeds: [UInt64] = {
        if let seed = number("SIM_SEED") { return [seed] }
        let count = number("SIM_SEEDS") ?? 20
        let fresh = (1...max(1, count)).filter { seed in !Seeds.regressions.contains { $0.seed == seed } }
        return Seeds.regressions.map(\.seed) + fresh
    }()

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap(UInt64.init)
    }
}

/// What to type to see a failure again.
func replayLine(_ seed: UInt64) -> String { "replay: make sim SEED=\(seed)" }
