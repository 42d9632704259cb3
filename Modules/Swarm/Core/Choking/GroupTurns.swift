// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheWire

/// The slots that each address (IPv6: /64) has had, across all of its connections: closing one and opening another
/// changes nothing.
///
/// Owner: the choker. Limited: an address that has not held a slot for `memory` is forgotten, and beyond `limit` the
/// one that has not for longest.
struct GroupTurns: Sendable {
    /// How long an address is remembered after it last held a slot.
    static let memory = Interval.minutes(30)
    /// The maximum number of addresses remembered.
    static let limit = 2_048

    /// The turns of one address.
    struct Record: Sendable {
        /// When one of its peers last held a slot.
        var heldAt: Instant
        /// When its last optimistic turn began; nil if it has had none.
        var turnAt: Instant?
        /// The number of optimistic turns since one of its peers last gave something in return for its own.
        var unreturnedCount = 0
    }

    private var records: [AddressGroup: Record] = [:]
    /// Each remembered address once, with a time at which it held a slot.
    private var order: Deque<(group: AddressGroup, heldAt: Instant)> = []

    /// The number of addresses remembered.
    var count: Int { records.count }

    /// Returns the turns of `group`; nil if it is not remembered.
    subscript(group: AddressGroup) -> Record? { records[group] }

    /// Handles a slot that a peer of `group` holds now.
    mutating func handleHeld(_ group: AddressGroup, at now: Instant) {
        guard records[group]?.heldAt != now else { return }
        if records[group] == nil { order.append((group, now)) }
        records[group, default: Record(heldAt: now)].heldAt = now
    }

    /// Handles an optimistic turn that begins.
    mutating func handleTurn(_ group: AddressGroup, at now: Instant) {
        handleHeld(group, at: now)
        records[group]?.turnAt = now
        records[group]?.unreturnedCount += 1
    }

    /// Handles a peer of `group` that has given something in return for its turn.
    mutating func handleReturned(_ group: AddressGroup) { records[group]?.unreturnedCount = 0 }

    /// Forgets the addresses that are too many or too old.
    mutating func forgetOld(at now: Instant) {
        while let first = order.first, records.count > Self.limit || now - first.heldAt > Self.memory {
            order.removeFirst()
            guard let record = records[first.group] else { continue }
            if record.heldAt > first.heldAt, now - record.heldAt <= Self.memory {
                order.append((first.group, record.heldAt))
            } else {
                records[first.group] = nil
            }
        }
    }
}
