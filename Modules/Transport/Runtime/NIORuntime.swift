// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import NIOPosix
package import RucheCrypto

/// The system's event loops and threads.
package final class NIORuntime: Runtime {
    /// Every loop.
    package let loops: [any EventLoop]
    /// Threads for disk and hashing.
    package let threads: any JobThreads

    private let group: MultiThreadedEventLoopGroup

    /// Starts the threads: by default one loop for each core, and as many threads for jobs, but at least two.
    package init(loopCount: Int? = nil, threadCount: Int? = nil) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, loopCount ?? System.coreCount))
        loops = Array(group.makeIterator())
        threads = SystemThreads(count: max(1, threadCount ?? max(2, System.coreCount)))
    }

    /// Makes a generator with a seed of the system's.
    package func makeRandom() -> SeededRandom { SeededRandom(seed: .random(in: 0...(.max))) }

    /// Makes a generator of the system's random bytes.
    package func makeSecrets() -> any RandomNumberGenerator & Sendable { SecureRandom() }

    /// Stops every thread.
    package func shutdown() async {
        await threads.shutdown()
        try? await group.shutdownGracefully()
    }
}
