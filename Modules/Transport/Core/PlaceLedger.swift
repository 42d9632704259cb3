// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Allocates the places for connections of one session by address, incoming and outgoing, for their whole life.
///
/// While there is room, no connection is refused, because many peers may share an address. When all places are taken, a
/// new connection takes the place of one
/// - of the address (IPv6: the /64) that has the most, which must be at least two more than the newcomer's own, or else
/// - that is a burden: still without a handshake, or useless for long.
///
/// So an address that takes as many places as it can keeps only its share once others arrive. Among one address's
/// connections, those without a handshake give way first, then idle ones, longest idle first; then busy ones, newest
/// first.
///
/// Owner: `ConnectionPlaces`, under its lock. Invariants: at most `limit` places, of which strangers hold at most
/// `strangerLimit`; `shares` counts them by address. Cost: O(1) while there is room, otherwise O(places).
struct PlaceLedger {
    /// Identifies a place; never reused.
    struct ID: Hashable, Comparable, Sendable {
        fileprivate let number: UInt64

        static func < (a: ID, b: ID) -> Bool { a.number < b.number }
    }

    /// What happens to a new connection.
    enum Admission: Equatable {
        /// The connection has a place, which it took from `yielding` if there is one.
        case admitted(ID, yielding: ID?)
        case refused
    }

    private struct Place {
        let group: AddressGroup
        var isStranger: Bool
        var standing = PlaceStanding.opening
        var since: Instant
    }

    private let limits: PlaceLimits
    private var places: [ID: Place] = [:]
    private var shares = AddressShares()
    private var nextNumber: UInt64 = 0
    /// Places of connections that have not named a swarm.
    private(set) var strangerCount = 0

    init(limits: PlaceLimits) { self.limits = limits }

    var count: Int { places.count }

    func contains(_ id: ID) -> Bool { places[id] != nil }

    /// Returns the number of places of one address.
    func share(of group: AddressGroup) -> Int { shares[group] }

    /// Admits or refuses a connection that was accepted or is about to be dialled.
    mutating func admit(_ group: AddressGroup, isStranger: Bool, at now: Instant) -> Admission {
        var yielding: ID?
        if isStranger, strangerCount >= limits.strangers {
            yielding = nextYielding(to: group, amongStrangers: true, at: now)
            guard yielding != nil else { return .refused }
        } else if count >= limits.places {
            yielding = nextYielding(to: group, amongStrangers: false, at: now)
            guard yielding != nil else { return .refused }
        }
        if let yielding { release(yielding) }
        nextNumber += 1
        let id = ID(number: nextNumber)
        places[id] = Place(group: group, isStranger: isStranger, since: now)
        shares.insert(group)
        if isStranger { strangerCount += 1 }
        return .admitted(id, yielding: yielding)
    }

    /// Records that the connection has named a swarm, which adopted it.
    mutating func handleAdopted(_ id: ID) {
        guard places[id]?.isStranger == true else { return }
        places[id]?.isStranger = false
        strangerCount -= 1
    }

    /// Records a change of the connection's standing.
    mutating func note(_ standing: PlaceStanding, of id: ID, at now: Instant) {
        guard let old = places[id]?.standing, old != standing else { return }
        places[id]?.standing = standing
        places[id]?.since = now
    }

    /// Releases the place of a closed connection. Does nothing if another connection took it.
    mutating func release(_ id: ID) {
        guard let place = places.removeValue(forKey: id) else { return }
        if place.isStranger { strangerCount -= 1 }
        shares.remove(place.group)
    }

    private func nextYielding(to group: AddressGroup, amongStrangers: Bool, at now: Instant) -> ID? {
        let candidates = amongStrangers ? places.filter { $0.value.isStranger } : places
        let shares = amongStrangers ? AddressShares(of: candidates.values.lazy.map(\.group)) : shares
        if let excessive = shares.excessive(besides: group) {
            return Self.first(of: candidates) { shares[$0.group] == excessive }
        }
        return Self.first(of: candidates) { place in
            let isOverdue = place.standing.patience(limits).map { now - place.since > $0 } ?? false
            return isOverdue && (place.group == group || shares[place.group] > shares[group])
        }
    }

    /// Returns the first to give way among those that `mayYield`.
    private static func first(of places: [ID: Place], _ mayYield: (Place) -> Bool) -> ID? {
        places.filter { mayYield($0.value) }.min { a, b in
            if a.value.standing != b.value.standing { return a.value.standing < b.value.standing }
            let isEarlier = (a.value.since, a.key) < (b.value.since, b.key)
            return a.value.standing == .busy ? !isEarlier : isEarlier
        }?.key
    }
}

/// The standing of a connection; the lowest gives way first.
package enum PlaceStanding: UInt8, Comparable, Sendable {
    /// Its handshake is incomplete.
    case opening
    /// Its handshake is complete, and no block has passed recently.
    case idle
    /// Blocks are passing.
    case busy

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// How long a connection may keep this standing before it is a burden; nil for ever.
    fileprivate func patience(_ limits: PlaceLimits) -> Interval? {
        switch self {
        case .opening: limits.openingPatience
        case .idle: limits.idlePatience
        case .busy: nil
        }
    }
}

/// The limits of a `PlaceLedger`.
struct PlaceLimits: Sendable {
    /// All connections.
    var places: Int
    /// Of these, connections that have not named a swarm.
    var strangers: Int
    /// A connection whose handshake takes longer is a burden.
    var openingPatience = Interval.seconds(5)
    /// A connection over which no block has passed for longer is a burden.
    var idlePatience = Interval.seconds(60)
}
