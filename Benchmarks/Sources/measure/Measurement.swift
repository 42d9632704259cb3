// SPDX-License-Identifier: Apache-2.0

import CAllocations
import Foundation
import Workloads

/// Runs workloads in turn and prints their medians.
enum Measurement {
    private struct Running {
        let workload: Workload
        let round: (any Stopwatch) -> Void
        var nanoseconds: [Double] = []
        var allocations: [Double] = []
    }

    /// Workloads are built in groups of this size: all at once would take gigabytes.
    private static let groupSize = 6

    static func run(_ workloads: [Workload], roundCount: Int) {
        for start in stride(from: 0, to: workloads.count, by: groupSize) {
            runTogether(workloads[start..<min(start + groupSize, workloads.count)], roundCount)
        }
    }

    private static func runTogether(_ workloads: ArraySlice<Workload>, _ roundCount: Int) {
        var all = workloads.map { Running(workload: $0, round: $0.make()) }
        let watch = CountingStopwatch()
        for round in -1..<roundCount {
            for index in all.indices {
                watch.reset()
                all[index].round(watch)
                guard round >= 0 else { continue }  // the first warms up
                let count = Double(all[index].workload.operationCount)
                all[index].nanoseconds.append(Double(watch.nanoseconds) / count)
                all[index].allocations.append(Double(watch.allocationCount) / count)
            }
        }
        for running in all { report(running) }
    }

    private static func report(_ running: Running) {
        let nanoseconds = median(running.nanoseconds)
        var fields = [
            "\"name\": \"\(running.workload.name)\"", "\"nanoseconds\": \(nanoseconds)",
            "\"lowest\": \(running.nanoseconds.min() ?? 0)", "\"highest\": \(running.nanoseconds.max() ?? 0)",
            "\"allocations\": \(median(running.allocations))",
        ]
        if let byteCount = running.workload.byteCount {
            let bytes = Double(byteCount) / Double(running.workload.operationCount)
            fields.append("\"bytesPerSecond\": \(bytes / nanoseconds * 1e9)")
        }
        print("{\(fields.joined(separator: ", "))}")
        fflush(nil)
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}

/// Sums CPU time and allocations between `start` and `stop`.
private final class CountingStopwatch: Stopwatch {
    private(set) var nanoseconds: Int64 = 0
    private(set) var allocationCount: UInt = 0
    private var startedAt: Int64 = 0
    private var startedCount: UInt = 0

    func reset() {
        nanoseconds = 0
        allocationCount = 0
    }

    func start() {
        startedCount = ruche_allocation_count()
        startedAt = now
    }

    func stop() {
        nanoseconds += now - startedAt
        allocationCount += ruche_allocation_count() - startedCount
    }

    /// The CPU time of this thread, which other work on the machine affects little.
    private var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
