// SPDX-License-Identifier: Apache-2.0

public import Benchmark
public import Workloads

/// Makes benchmarks of workloads, for `swift package benchmark`.
public enum Suite {
    /// Nanoseconds of one operation: a round is made of many.
    private static let perOperation = BenchmarkMetric.custom("ns per operation", polarity: .prefersSmaller)

    /// Has the tool run `workloads`. Their state is built when their turn comes.
    public static func add(_ workloads: [Workload]) {
        let configuration = Benchmark.Configuration(
            metrics: [.wallClock, .instructions, perOperation],
            warmupIterations: 2,
            maxDuration: .milliseconds(500),
            maxIterations: 10_000
        )
        for workload in workloads {
            Benchmark(workload.name, configuration: configuration) { benchmark, round in
                let watch = BenchmarkStopwatch(benchmark)
                round(watch)
                benchmark.measurement(perOperation, watch.nanoseconds / workload.operationCount)
            } setup: {
                workload.make()
            }
        }
    }
}

/// Tells the framework, and keeps the time of its own, since the framework's is of the whole round.
private final class BenchmarkStopwatch: Stopwatch {
    private let benchmark: Benchmark
    private var startedAt = ContinuousClock.now
    private(set) var nanoseconds = 0

    init(_ benchmark: Benchmark) { self.benchmark = benchmark }

    func start() {
        benchmark.startMeasurement()
        startedAt = .now
    }

    func stop() {
        let duration = startedAt.duration(to: .now).components
        benchmark.stopMeasurement()
        nanoseconds += Int(duration.seconds) * 1_000_000_000 + Int(duration.attoseconds / 1_000_000_000)
    }
}
