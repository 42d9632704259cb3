// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What is known of one endpoint. Owner: `PeerList`.
struct PeerRecord: Sendable {
    enum State: UInt8 {
        case idle
        case dialling
        case connected
    }

    var endpoint: PeerEndpoint
    var origins: PeerOrigins
    var state = State.idle
    /// It has told us itself that it has everything.
    var isSeed = false
    /// Another peer says so.
    var isSaidToSeed = false
    /// It was connected at least once.
    var wasReached = false
    /// Failed or useless tries in a row.
    var failures = 0
    /// Not to be dialled before.
    var dialAfter: Instant
    /// The port that an incoming peer came from, which nobody listens on.
    var isEphemeral = false
    /// For an ephemeral endpoint: where the same peer listens.
    var listensAt: PeerEndpoint?
    /// BEP 40, as of when it was computed.
    var priority: UInt32
    /// How many times the fair number of endpoints its address had when this one was found: it comes after others.
    var crowd: UInt16 = 0
    /// Names its entry in the queue of dials.
    var ticket: UInt32 = 0

    /// Where this is in the order of dials, the lowest first: those reached before and those that the user named beside
    /// those whose address has few, then those that failed less, those reached, those named, then by BEP 40. A seed
    /// dials last whom others call a seed: they may be wrong, or lie.
    func rank(forSeed isSeed: Bool) -> UInt64 {
        let isNamed = origins.contains(.manual)
        let isTrusted = wasReached || isNamed
        var rank: UInt64 = isSeed && isSaidToSeed ? 1 : 0
        rank = rank << 12 | UInt64(isTrusted ? 0 : min(crowd, 0xfff))
        rank = rank << 10 | UInt64(min(max(failures, 0), 0x3ff))
        rank = rank << 1 | (wasReached ? 0 : 1)
        rank = rank << 1 | (isNamed ? 0 : 1)
        return rank << 32 | UInt64(~priority)
    }
}
