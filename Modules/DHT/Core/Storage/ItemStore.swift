// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The items that others put into this node (BEP 44).
///
/// Limited in items, and in what one party may put. If the store is full, a new item replaces the one that is furthest
/// from this node's id, provided that it is nearer itself.
struct ItemStore: Sendable {
    private struct Stored: Sendable {
        let target: NodeID
        var item: DHTItem
        let party: Party
        var expiry: Instant
    }

    private let limits: DHTLimits
    private var places: [NodeID: Int] = [:]
    private var items: [Stored] = []
    private var counts: [Party: Int] = [:]

    init(limits: DHTLimits) { self.limits = limits }

    var count: Int { items.count }

    subscript(target: NodeID) -> DHTItem? { places[target].map { items[$0].item } }

    /// Stores an item whose signature has been verified.
    ///
    /// - Throws: `KRPCError` if it must not replace the stored version, or there is no room.
    mutating func insert(
        _ item: DHTItem,
        replacing expected: Int64?,
        from party: Party,
        near own: NodeID,
        at now: Instant
    ) throws(KRPCError) {
        let target = item.target
        if let place = places[target] { return try replace(place, with: item, expected, at: now) }
        guard counts[party, default: 0] < limits.itemsPerParty, makeRoom(for: target, near: own) else {
            throw KRPCError(202, "no room")
        }
        places[target] = items.count
        items.append(Stored(target: target, item: item, party: party, expiry: now + limits.itemLifetime))
        counts[party, default: 0] += 1
    }

    private mutating func replace(
        _ place: Int,
        with item: DHTItem,
        _ expected: Int64?,
        at now: Instant
    ) throws(KRPCError) {
        if let new = item.author, let old = items[place].item.author {
            if let expected, expected != old.sequence {
                throw KRPCError(KRPCError.conflict, "sequence number is \(old.sequence)")
            }
            let isRenewal = new.sequence == old.sequence && item.value == items[place].item.value
            guard new.sequence > old.sequence || isRenewal else {
                throw KRPCError(KRPCError.outdated, "sequence number is \(old.sequence) already")
            }
            items[place].item = item
        }
        items[place].expiry = now + limits.itemLifetime
    }

    /// Removes the items that were not put again in time.
    mutating func expire(at now: Instant) {
        for place in items.indices.reversed() where items[place].expiry <= now { remove(place) }
    }

    private mutating func makeRoom(for target: NodeID, near own: NodeID) -> Bool {
        guard items.count >= limits.items else { return true }
        let distances = items.map { $0.target.distance(to: own) }
        guard let worst = distances.indices.max(by: { distances[$0] < distances[$1] }),
            target.distance(to: own) < distances[worst]
        else { return false }
        remove(worst)
        return true
    }

    private mutating func remove(_ place: Int) {
        let removed = items[place]
        places[removed.target] = nil
        if let count = counts[removed.party] { counts[removed.party] = count > 1 ? count - 1 : nil }
        let last = items.removeLast()
        guard place < items.count else { return }
        items[place] = last
        places[last.target] = place
    }
}
