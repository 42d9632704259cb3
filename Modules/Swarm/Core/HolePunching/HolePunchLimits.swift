// SPDX-License-Identifier: Apache-2.0

internal import RucheTransport
internal import RucheWire

/// Limits of hole punching (BEP 55), per torrent unless they say otherwise.
enum HolePunchLimits {
    /// The longest message is 24 bytes.
    static let messageByteCount = 64
    /// Endpoints that peers have named, and for which a relay could be asked. The oldest makes room.
    static let namedCount = 1_000
    /// Relays remembered for each of them.
    static let relaysPerEndpoint = 4
    /// Requests under way.
    static let askCount = 16
    /// A relay that has not answered for this long is not waited for.
    static let answerTimeout = Interval.seconds(20)
    /// The time before relays are asked for the same endpoint again.
    static let pause = Interval.minutes(10)
    /// Requests of peers that wait for their answer.
    static let unresolvedCount = 32

    /// What one peer may ask us to relay: 20 at once, and one a second.
    static func rendezvous(at now: Instant) -> TokenBucket {
        TokenBucket(rateBytesPerSecond: 1, burstBytes: 20, at: now)
    }

    /// How many endpoints of its choice one peer may make us dial: 10 at once, and one a second.
    static func connects(at now: Instant) -> TokenBucket { TokenBucket(rateBytesPerSecond: 1, burstBytes: 10, at: now) }
}
