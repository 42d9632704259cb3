// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheCrypto

/// What all of a session runs on: event loops and threads, the system's (`NIORuntime`) or a simulation's (`VirtualRuntime` of
/// RucheTesting).
///
/// A loop's `now` is the only clock, so that on virtual time everything is.
package protocol Runtime: Sendable {
    /// Every loop, at least one. A swarm takes one for life, and all of its connections with it.
    var loops: [any EventLoop] { get }
    /// Threads for work that blocks or takes long.
    var threads: any JobThreads { get }

    /// Makes a generator for choices that a replay must repeat, another each time.
    func makeRandom() -> SeededRandom
    /// Makes a generator for secrets and for what others must not guess. Only a simulation's can be replayed.
    func makeSecrets() -> any RandomNumberGenerator & Sendable

    /// Stops everything, last of all: what is queued on a loop is dropped, and jobs that wait are told that they are stopped.
    func shutdown() async
}
