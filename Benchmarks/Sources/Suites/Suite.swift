// SPDX-License-Identifier: Apache-2.0

internal import Benchmark
internal import CAllocations
public import Workloads

/// Makes benchmarks of workloads, for `swift package benchmark`.
public enum Suite {
    /// Nanoseconds of one operation: a round is made of many.
    private static let perOperation = BenchmarkMetric.custom("ns per operation", polarity: .prefersSmaller)
    /// Of a whole round: one operation may well have none.
    private static let allocations = BenchmarkMetric.custom("allocations of a round", polarity: .prefersSmaller)

    /// Has the tool run `workloads`. Their state is built when their turn comes.
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

/// Tells the framework, and keeps a time of its own, since the framework's is of the whole round, and a count of
/// allocations, since the framework's wants a library of its own.
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
