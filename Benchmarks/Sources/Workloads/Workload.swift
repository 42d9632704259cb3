// SPDX-License-Identifier: Apache-2.0

/// Something to measure, told apart from how it is measured: a suite and a comparison run the same.
public struct Workload: Sendable {
    /// What is done, and where: `pick, 100000 pieces, 1000 peers`.
    public let name: String
    /// How often one round does it.
    public let operationCount: Int
    /// Bytes that one round works on; nil where that means nothing.
    public let byteCount: Int?
    /// Builds what the rounds need, and returns the round. Only what lies between `start` and `stop` counts.
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

/// Whoever measures.
public protocol Stopwatch {
    /// What counts begins.
    func start()
    /// What counts has ended, once a round.
    func stop()
}
