// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What is known about one endpoint. Owner: `PeerList`.
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
    /// The peer has told us itself that it has everything.
    var isSeed = false
    /// Another peer has said so.
    var isSaidToSeed = false
    /// It was connected at least once.
    var wasReached = false
    /// Failed or useless attempts in a row.
    var failures = 0
    /// It must not be dialled before.
    var dialAfter: Instant
    /// The port that an incoming peer connected from, on which it does not listen.
    var isEphemeral = false
    /// Another endpoint of the same peer, as far as we know, which this connection keeps from being dialled.
    var standsFor: PeerEndpoint?
    /// The connection that keeps this endpoint from being dialled.
    var holder: PeerEndpoint?
    /// From then on this endpoint is dialled although a connection holds it, to see which peer answers. Nil if none has
    /// held it yet.
    var doubtedFrom: Instant?
    /// The address of the peer that named it, while no other has and it was not reached.
    var teller: AddressGroup?
    /// `dialAfter` is a turn that its address has given it.
    var hasTurn = false
    /// It is being dialled at the pace of its address.
    var isPaced = false
    /// The BEP 40 priority when it was computed.
    var priority: UInt32
    /// The number of its address's endpoints when it was found, in multiples of the fair number: it comes after others.
    var crowd: UInt16 = 0
    /// Identifies its entry in the queue of dials.
    var ticket: UInt32 = 0

    /// A source at another address knows it, or it has been reached.
    var isVouchedFor: Bool { wasReached || !origins.isDisjoint(with: .vouching) }

    /// Only strangers have named it.
    var isHearsay: Bool { !wasReached && origins.isDisjoint(with: .trusted) }

    /// Returns the position in the order of dials, the lowest first: those reached before and those that the user named
    /// along with those whose address has few, then those that failed less, those reached, those named, then by BEP 40.
    /// A seed dials those that others call seeds last: they may be wrong, or lie.
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
