// SPDX-License-Identifier: Apache-2.0

/// An operation to measure, independent of how it is measured: suites and comparisons run the same workloads.
public struct Workload: Sendable {
    /// The operation and its parameters: `pick, 100000 pieces, 1000 peers`.
    public let name: String
    /// The number of operations per round.
    public let operationCount: Int
    /// The number of bytes that a round processes; nil if that has no meaning.
    public let byteCount: Int?
    /// Builds the state for the rounds, and returns the round. Only what happens between `start` and `stop` is
    /// measured.
    public let make: @Sendable () -> (any Stopwatch) -> Void

    init(
        _ name: String,
        operationCount: Int,
        byteCount: Int? = nil,
        make: @escaping @Sendable () -> (any Stopwatch) -> Void
    ) {
        self.name = name
        self.operationCount = operationCount
        self.byteCount = byteCount
        self.make = make
    }
}

/// Measures a workload.
public protocol Stopwatch {
    /// Starts measuring.
    func start()
    /// Stops measuring. Called once per round.
    func stop()
}
