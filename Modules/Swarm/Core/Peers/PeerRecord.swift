// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What is known of one endpoint. Owner: `PeerList`.
struct PeerRecord: Sendable {
    enum State: UInt8 {
        case idle
        case dialling
        case connected
        /// Not dialled, because the connection of `holder` is to the same peer, or is said to be.
        case held
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
    /// Another endpoint of the same peer, as far as is known, which this connection keeps from being dialled.
    var standsFor: PeerEndpoint?
    /// The connection that keeps this endpoint from being dialled.
    var holder: PeerEndpoint?
    /// From then on this is dialled although somebody stands for it, to see who answers. Nil: nobody has stood for it yet.
    var doubtedFrom: Instant?
    /// The address of the peer that told us of it, while nobody else has and it was not reached.
    var teller: AddressGroup?
    /// `dialAfter` is a turn that its address has given it.
    var hasTurn = false
    /// It is being dialled at the pace of its address.
    var isPaced = false
    /// BEP 40, as of when it was computed.
    var priority: UInt32
    /// How many times the fair number of endpoints its address had when this one was found: it comes after others.
    var crowd: UInt16 = 0
    /// Names its entry in the queue of dials.
    var ticket: UInt32 = 0

    /// Somebody knows of it who is not at its own address, or it has been reached.
    var isVouchedFor: Bool { wasReached || !origins.isDisjoint(with: .vouching) }

    /// Only strangers have told of it.
    var isHearsay: Bool { !wasReached && origins.isDisjoint(with: .trusted) }

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
