// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// How many requests to keep outstanding with one peer.
package struct RequestPipeline: Sendable {
    /// For a peer that queues `remoteDepth` requests (BEP 10 `reqq`; nil: not told).
    package init(limits: RequestLimits = RequestLimits(), remoteDepth: Int? = nil, at now: Instant) {}
    /// The peer told its `reqq`.
    package mutating func handleRemoteDepth(_ depth: Int) {}
    /// It unchoked us: rates are measured afresh.
    package mutating func handleUnchoked(at now: Instant) {}
    /// `count` requests went out.
    package mutating func handleSent(_ count: Int, at now: Instant) {}
    /// A block that was asked for arrived.
    package mutating func handleReceived(byteCount: Int, at now: Instant) {}
    /// `count` requests will not be answered (reject, choke, cancel).
    package mutating func handleReleased(_ count: Int, at now: Instant) {}
    /// Requests outstanding.
    package private(set) var outstanding = 0
    /// Requests to keep outstanding.
    package func depth(at now: Instant) -> Int { 0 }
    /// Requests to send now; none until a worthwhile batch (an eighth of the depth) has room.
    package func room(at now: Instant) -> Int { 0 }
    /// Whether it owes blocks and has been silent for too long.
    package func isSnubbed(at now: Instant) -> Bool { false }
    /// When it will be snubbed unless a block comes; nil where it owes nothing.
    package var snubDeadline: Instant? { nil }
    /// Bytes per second of late (a few seconds).
    package func rateBytesPerSecond(at now: Instant) -> Double { 0 }
}
