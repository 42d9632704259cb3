// SPDX-License-Identifier: Apache-2.0

internal import NIOPosix

/// Threads that `BlockingPool` runs its jobs on: the system's, or those of a simulation, which only pretend to be threads.
package protocol JobThreads: Sendable {
    /// How many jobs run at once.
    var count: Int { get }

    /// Runs `job` once, after those submitted before have begun. Its argument is false where the threads are stopping and the
    /// job must only tidy up. Called from any thread.
    func submit(_ job: @escaping @Sendable (_ isActive: Bool) -> Void)

    /// Tells the jobs that have not begun that the threads are stopping, and waits for those that have.
    func shutdown() async
}

/// Threads of the system.
final class SystemThreads: JobThreads {
    let count: Int
    private let pool: NIOThreadPool

    /// Starts `count` threads.
    init(count: Int) {
        self.count = count
        pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
    }

    func submit(_ job: @escaping @Sendable (_ isActive: Bool) -> Void) {
        pool.submit { job($0 == .active) }
    }

    func shutdown() async { try? await pool.shutdownGracefully() }
}
