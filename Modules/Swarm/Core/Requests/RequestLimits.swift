// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The limits of one peer's requests.
package struct RequestLimits: Hashable, Sendable {
    /// Outstanding requests at the start, and until the first block.
    package var initialDepth = 4
    /// Fewest outstanding requests: one in transit while one is answered.
    package var minDepth = 2
    /// Outstanding requests to a snubbed peer, to learn when it is back.
    package var snubbedDepth = 1
    /// Most outstanding requests, whatever the peer accepts.
    package var maxDepth: Int
    /// The queue length of a peer that does not name one (BEP 10 `reqq`).
    package var defaultRemoteDepth = 250
    /// The time that queued requests at the peer should last beyond the round trip, so that it never idles.
    package var queueTime = Interval.seconds(1)
    /// Shortest time over which a rate is compared with the previous one.
    package var measureTime = Interval.milliseconds(250)
    /// A peer whose rate is not known yet is snubbed if its first block takes longer than this, or than three times the
    /// usual time in the swarm. libtorrent waits 20 s, Transmission 90 s; a block takes 10 s at 1.6 KB/s.
    package var firstBlockTime = Interval.seconds(10)
    /// The shortest time without a block after which a peer that owes blocks is snubbed.
    package var minSnubTime = Interval.seconds(10)
    /// The longest such time.
    package var maxSnubTime = Interval.seconds(60)

    /// Creates the default limits for `maxDepth` requests.
    package init(maxDepth: Int = 500) { self.maxDepth = maxDepth }
}
