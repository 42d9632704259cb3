// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheCrypto
package import RucheTransport
internal import RucheWire

/// What a program on a virtual host runs on: loops and threads on virtual time.
///
/// Made by the host, for one life of a program. It ends with `shutdown`.
package final class VirtualRuntime: Runtime {
    /// The number of threads for jobs.
    static let threadCount = 4

    /// The loops, which share the network's thread.
    package let loops: [any EventLoop]
    /// Threads that only pretend to be some.
    package let threads: any JobThreads

    private let virtualThreads: VirtualThreads
    private let random: Locked<SeededRandom>

    init(on host: VirtualHost, loopCount: Int = 1) {
        loops = (0..<max(1, loopCount)).map { $0 == 0 ? host.loop : VirtualLoop(host.network.time) }
        virtualThreads = VirtualThreads(
            count: Self.threadCount,
            on: host.loop,
            random: host.network.makeRandom()
        )
        threads = virtualThreads
        random = Locked(host.network.makeRandom())
    }

    /// Makes a generator whose seed comes from the network's.
    package func makeRandom() -> SeededRandom { random.withLock { $0.makeChild() } }

    /// Makes a generator whose seed comes from the network's: on a virtual network nothing is secret.
    package func makeSecrets() -> any RandomNumberGenerator & Sendable { makeRandom() }

    /// Tells the jobs that have not ended that they are stopped.
    package func shutdown() async { stop() }

    /// What a crash does to the program's jobs.
    func stop() { virtualThreads.stop() }
}
