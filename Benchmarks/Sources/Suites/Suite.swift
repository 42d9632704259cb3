// SPDX-License-Identifier: Apache-2.0

internal import Benchmark
internal import CAllocations
public import Workloads

/// Turns workloads into benchmarks for `swift package benchmark`.
public enum Suite {
    /// Nanoseconds per operation. A round consists of many operations.
    private static let perOperation = BenchmarkMetric.custom("ns per operation", polarity: .prefersSmaller)
    /// Allocations per round, because a single operation may have none.
    private static let allocations = BenchmarkMetric.custom("allocations of a round", polarity: .prefersSmaller)

    /// Registers `workloads` with the tool. Each builds its state when its turn comes.
    public static func add(_ workloads: [Workload]) {
        let configuration = Benchmark.Configuration(
            metrics: [.wallClock, .throughput, .instructions, perOperation, allocations],
            warmupIterations: 2,
            maxDuration: .milliseconds(500),
            maxIterations: 10_000
        )
        for workload in workloads {
            Benchmark(workload.name, configuration: configuration) { benchmark, round in
                let watch = BenchmarkStopwatch(benchmark)
                round(watch)
                benchmark.measurement(perOperation, watch.nanoseconds / workload.operationCount)
                benchmark.measurement(allocations, watch.allocationCount)
            } setup: {
                workload.make()
            }
        }
    }
}

/// Reports to the framework, but also measures time itself, because the framework measures whole rounds, and counts
/// allocations, because the framework needs a preloaded library for that.
private final class BenchmarkStopwatch: Stopwatch {
    private let benchmark: Benchmark
    private var startedAt = ContinuousClock.now
    private var startedCount: UInt = 0
    private(set) var nanoseconds = 0
    private(set) var allocationCount = 0

    init(_ benchmark: Benchmark) { self.benchmark = benchmark }

    func start() {
        benchmark.startMeasurement()
        startedCount = ruche_allocation_count()
        startedAt = .now
    }

    func stop() {
        let duration = startedAt.duration(to: .now).components
        let count = ruche_allocation_count()
        benchmark.stopMeasurement()
        allocationCount += Int(count - startedCount)
        nanoseconds += Int(duration.seconds) * 1_000_000_000 + Int(duration.attoseconds / 1_000_000_000)
    }
}
