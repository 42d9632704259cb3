// SPDX-License-Identifier: Apache-2.0

/// The connected peers of one swarm, each in a slot that is its index everywhere in the core.
///
/// Slots of peers that left are reused, though not in the same batch, so the table stays as small as the largest number
/// of peers.
package struct PeerTable: ~Copyable {
    private var slots: [ConnectedPeer?] = []
    private var free: [PeerSlot] = []
    /// Slots freed in this batch: effects that name them are still to be executed, so no other peer may have them yet.
    private var retired: [PeerSlot] = []

    /// The peer that comes first among waiting ones; changed so that none is always last.
    var turn = 0
    private let work: WorkMeter

    package init(work: WorkMeter = WorkMeter()) { self.work = work }

    /// The number of connected peers.
    package var count: Int { slots.count - free.count - retired.count }

    /// The peer in `slot`; nil if there is none (any more).
    package subscript(slot: PeerSlot) -> ConnectedPeer? { slot.int < slots.count ? slots[slot.int] : nil }

    /// Returns whether there is a peer in `slot`.
    package func contains(_ slot: PeerSlot) -> Bool { self[slot] != nil }

    package mutating func insert(_ peer: ConnectedPeer) -> PeerSlot {
        if let slot = free.popLast() {
            peer.slot = slot
            slots[slot.int] = peer
            return slot
        }
        peer.slot = PeerSlot(rawValue: UInt32(slots.count))
        slots.append(peer)
        return peer.slot
    }

    package mutating func remove(_ slot: PeerSlot) -> ConnectedPeer? {
        guard let peer = self[slot] else { return nil }
        slots[slot.int] = nil
        peer.isGone = true
        retired.append(slot)
        return peer
    }

    /// Ends the batch: from the next one on, slots of peers that left may be reused.
    package mutating func releaseRetired() {
        free.append(contentsOf: retired)
        retired.removeAll(keepingCapacity: true)
    }

    /// Returns the peers for which `isWaiting`, from another start at each call.
    mutating func nextTurn(of isWaiting: (ConnectedPeer) -> Bool) -> [ConnectedPeer] {
        turn &+= 1
        return inTurn(where: isWaiting)
    }

    /// Returns the peers for which `isWaiting`, from the one whose turn it is.
    func inTurn(where isWaiting: (ConnectedPeer) -> Bool) -> [ConnectedPeer] { all(where: isWaiting).turned(by: turn) }

    /// Returns the peers for which `isIncluded`, in the order of their slots. O(slots).
    func all(where isIncluded: (ConnectedPeer) -> Bool) -> [ConnectedPeer] {
        var included: [ConnectedPeer] = []
        for slot in occupied {
            if let peer = self[slot], isIncluded(peer) { included.append(peer) }
        }
        return included
    }

    /// All slots that contain a peer, in ascending order; a copy, so the table may change while it is iterated.
    package var occupied: [PeerSlot] {
        work.add(slots.count)
        var occupied: [PeerSlot] = []
        occupied.reserveCapacity(count)
        for index in slots.indices where slots[index] != nil { occupied.append(PeerSlot(rawValue: UInt32(index))) }
        return occupied
    }
}

extension Array {
    /// Returns the same elements from another start, so that none is always last.
    func turned(by turn: Int) -> [Element] {
        guard count > 1 else { return self }
        let first = abs(turn % count)
        return Array(self[first...] + self[..<first])
    }
}
