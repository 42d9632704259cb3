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

    /// Whether this is worth a dial before `other`: those reached before and those that failed less, those that the
    /// user named, then by BEP 40.
    func precedes(_ other: PeerRecord) -> Bool {
        if failures != other.failures { return failures < other.failures }
        if wasReached != other.wasReached { return wasReached }
        let isNamed = origins.contains(.manual)
        if isNamed != other.origins.contains(.manual) { return isNamed }
        if priority != other.priority { return priority > other.priority }
        return (endpoint.address.high, endpoint.address.low, endpoint.port)
            < (other.endpoint.address.high, other.endpoint.address.low, other.endpoint.port)
    }
}
