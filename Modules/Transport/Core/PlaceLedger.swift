// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The places for connections of one session, by address: from the first byte to the last, incoming and dialled, whatever
/// they are about.
///
/// While there is room nobody is refused: many may share an address. When all places are taken, a newcomer gets one
/// - of an address (IPv6: a /64) that has the most, and at least two more than the newcomer's own, or else
/// - of a connection that is in the way: still without a handshake, or of no use for long.
///
/// So an address that takes all it can has no more than its share as soon as others come. Of an address the connections
/// without a handshake yield first, then idle ones, the longest so first; then busy ones, the latest first.
///
/// Owner: `ConnectionPlaces`, under its lock. Invariants: at most `limit` places, of which `strangerLimit` are held by
/// strangers; `shares` counts them by address. Cost: O(1) while there is room, else O(places).
struct PlaceLedger {
    /// Names a place; never used again.
    struct ID: Hashable, Comparable, Sendable {
        fileprivate let number: UInt64

        static func < (a: ID, b: ID) -> Bool { a.number < b.number }
    }

    /// What becomes of a newcomer.
    enum Admission: Equatable {
        /// It has a place; `yielding` has lost its own to it.
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
    private var shares: [AddressGroup: Int] = [:]
    private var nextNumber: UInt64 = 0
    /// Places of connections that have not named a swarm.
    private(set) var strangerCount = 0

    init(limits: PlaceLimits) { self.limits = limits }

    var count: Int { places.count }

    func contains(_ id: ID) -> Bool { places[id] != nil }

    /// Places of one address.
    func share(of group: AddressGroup) -> Int { shares[group, default: 0] }

    /// Somebody has connected to us, or is about to be dialled.
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
        shares[group, default: 0] += 1
        if isStranger { strangerCount += 1 }
        return .admitted(id, yielding: yielding)
    }

    /// It has named a swarm, which has taken it in.
    mutating func handleAdopted(_ id: ID) {
        guard places[id]?.isStranger == true else { return }
        places[id]?.isStranger = false
        strangerCount -= 1
    }

    /// How it stands with it has changed.
    mutating func note(_ standing: PlaceStanding, of id: ID, at now: Instant) {
        guard let old = places[id]?.standing, old != standing else { return }
        places[id]?.standing = standing
        places[id]?.since = now
    }

    /// Its connection is gone. Does nothing where the place has been given away.
    mutating func release(_ id: ID) {
        guard let place = places.removeValue(forKey: id) else { return }
        if place.isStranger { strangerCount -= 1 }
        let left = share(of: place.group) - 1
        shares[place.group] = left > 0 ? left : nil
    }

    private func nextYielding(to group: AddressGroup, amongStrangers: Bool, at now: Instant) -> ID? {
        let candidates = amongStrangers ? places.filter { $0.value.isStranger } : places
        let shares = amongStrangers ? Self.shares(candidates) : shares
        let own = shares[group, default: 0]
        let largest = shares.values.max() ?? 0
        if largest >= own + 2 { return Self.first(of: candidates) { shares[$0.group] == largest } }
        return Self.first(of: candidates) { place in
            let isOverdue = place.standing.patience(limits).map { now - place.since > $0 } ?? false
            return isOverdue && (place.group == group || shares[place.group, default: 0] > own)
        }
    }

    private static func shares(_ places: [ID: Place]) -> [AddressGroup: Int] {
        places.values.reduce(into: [:]) { $0[$1.group, default: 0] += 1 }
    }

    /// The one to yield first, of those that `mayYield`.
    private static func first(of places: [ID: Place], _ mayYield: (Place) -> Bool) -> ID? {
        places.filter { mayYield($0.value) }.min { a, b in
            if a.value.standing != b.value.standing { return a.value.standing < b.value.standing }
            let isEarlier = (a.value.since, a.key) < (b.value.since, b.key)
            return a.value.standing == .busy ? !isEarlier : isEarlier
        }?.key
    }
}

/// How it stands with a connection; the lowest yields its place first.
package enum PlaceStanding: UInt8, Comparable, Sendable {
    /// Its handshake is not done.
    case opening
    /// Its handshake is done, and no block has passed of late.
    case idle
    /// Blocks pass.
    case busy

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// How long a connection may stand so without being in the way of others; nil: for ever.
    fileprivate func patience(_ limits: PlaceLimits) -> Interval? {
        switch self {
        case .opening: limits.openingPatience
        case .idle: limits.idlePatience
        case .busy: nil
        }
    }
}

/// Bounds of a `PlaceLedger`.
struct PlaceLimits: Sendable {
    /// Connections in all.
    var places: Int
    /// Of these, those that have not named a swarm.
    var strangers: Int
    /// A connection whose handshake takes longer is in the way of others.
    var openingPatience = Interval.seconds(5)
    /// A connection over which no block passes for longer is in the way of others.
    var idlePatience = Interval.seconds(60)
}
