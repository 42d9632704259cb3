// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheTransport
internal import RucheWire

/// Threads of a simulated machine: each job takes a drawn time of one of them, and runs at its end, on the network's thread.
///
/// A host's runtime owns it. `stop` is what a crash does: jobs that have not ended are told to tidy up.
package final class VirtualThreads: JobThreads, @unchecked Sendable {  // confined to the loop's thread
    /// How long a job takes.
    static let jobTime = Interval.milliseconds(1)...Interval.milliseconds(3)

    /// How many jobs run at once.
    package let count: Int

    private let loop: VirtualLoop
    private var random: SeededRandom
    /// When each thread has done what it was given.
    private var freeAt: [Instant]
    private var isActive = true

    init(count: Int, on loop: VirtualLoop, random: SeededRandom) {
        self.count = count
        self.loop = loop
        self.random = random
        freeAt = Array(repeating: .zero, count: count)
    }

    /// Runs `job` once a thread has had time for it.
    package func submit(_ job: @escaping @Sendable (_ isActive: Bool) -> Void) {
        if loop.inEventLoop { start(job) } else { loop.execute { self.start(job) } }
    }

    /// Tells all jobs that have not ended that the threads have stopped.
    package func shutdown() async { stop() }

    func stop() { isActive = false }

    private func start(_ job: @escaping @Sendable (_ isActive: Bool) -> Void) {
        let range = Self.jobTime.lowerBound.nanoseconds...Self.jobTime.upperBound.nanoseconds
        let time = Interval(nanoseconds: .random(in: range, using: &random))
        let thread = freeAt.indices.min { freeAt[$0] < freeAt[$1] } ?? 0
        let end = max(freeAt[thread], Instant(loop.now)) + time
        freeAt[thread] = end
        // A job that is dropped with its network tidies up too.
        loop.scheduleTask(deadline: NIODeadline(end)) { [self] in job(isActive) }.futureResult.whenFailure { _ in
            job(false)
        }
    }
}
