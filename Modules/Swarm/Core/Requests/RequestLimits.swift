// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Named limits of one peer's requests.
package struct RequestLimits: Hashable, Sendable {
    /// Requests outstanding at the start, and until the first block.
    package var initialDepth = 4
    /// Fewest requests outstanding: one on its way while one is answered.
    package var minDepth = 2
    /// Requests outstanding with a peer that is snubbed, to learn when it is back.
    package var snubbedDepth = 1
    /// Most requests outstanding, whatever the peer takes.
    package var maxDepth: Int
    /// How many requests a peer queues that does not tell (BEP 10 `reqq`).
    package var defaultRemoteDepth = 250
    /// Answers that should wait at the peer beyond the round trip, so that it never idles.
    package var queueTime = Interval.seconds(1)
    /// Shortest time over which a rate is compared with the one before.
    package var measureTime = Interval.milliseconds(250)
    /// A peer whose rate is not known yet is snubbed if its first block takes longer than this, or than three times what
    /// is usual in the swarm. libtorrent waits 20 s, Transmission 90 s; a block takes 10 s at 1.6 KB/s.
    package var firstBlockTime = Interval.seconds(10)
    /// A peer that owes blocks and sent none for so long is snubbed, at the least ...
    package var minSnubTime = Interval.seconds(10)
    /// ... and at the most.
    package var maxSnubTime = Interval.seconds(60)

    /// The defaults, but for the most requests.
    package init(maxDepth: Int = 500) { self.maxDepth = maxDepth }
}
