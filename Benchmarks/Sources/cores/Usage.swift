// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The resources that the process has used up to a moment.
struct Usage {
    /// On the clock that all processes share, so that two of them can be compared.
    private let clockSeconds: Double
    private let cpuSeconds: Double

    /// Reads the usage up to now.
    init() {
        clockSeconds = Self.seconds(CLOCK_MONOTONIC)
        cpuSeconds = Self.seconds(CLOCK_PROCESS_CPUTIME_ID)
    }

    /// The usage since `before`, as JSON.
    func report(since before: Usage) -> String {
        let cpu = cpuSeconds - before.cpuSeconds
        return #"{"begun": \#(before.clockSeconds), "ended": \#(clockSeconds), "cpuSeconds": \#(cpu)}"#
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
