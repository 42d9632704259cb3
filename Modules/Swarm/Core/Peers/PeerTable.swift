// SPDX-License-Identifier: Apache-2.0

/// The connected peers of one swarm, each in a slot that is its index everywhere in the core.
///
/// Slots of those who left are used again, though not in the same batch, so the table stays as dense as the swarm was
/// full.
package struct PeerTable: ~Copyable {
    private var slots: [ConnectedPeer?] = []
    private var free: [PeerSlot] = []
    /// Left in this batch: effects that name them are still to be carried out, so nobody else may have them yet.
    private var retired: [PeerSlot] = []

    private let work: WorkMeter

    package init(work: WorkMeter = WorkMeter()) { self.work = work }

    /// Peers connected.
    package var count: Int { slots.count - free.count - retired.count }

    /// The peer in `slot`; nil where nobody is (any more).
    package subscript(slot: PeerSlot) -> ConnectedPeer? { slot.int < slots.count ? slots[slot.int] : nil }

    /// Whether somebody is in `slot`.
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
        retired.append(slot)
        return peer
    }

    /// The batch is over: from the next one on, slots of those who left may be used again.
    package mutating func releaseRetired() {
        free.append(contentsOf: retired)
        retired.removeAll(keepingCapacity: true)
    }

    /// Every slot that holds a peer, ascending; a copy, so the table may change while it is walked.
    package var occupied: [PeerSlot] {
        work.add(slots.count)
        var occupied: [PeerSlot] = []
        occupied.reserveCapacity(count)
        for index in slots.indices where slots[index] != nil { occupied.append(PeerSlot(rawValue: UInt32(index))) }
        return occupied
    }
}
