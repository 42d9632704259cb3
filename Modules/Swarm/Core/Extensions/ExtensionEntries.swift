// SPDX-License-Identifier: Apache-2.0

internal import RucheTransport
internal import RucheWire

/// The peers that use one extension, dense by slot. Owner: the extension's batch.
struct ExtensionEntries<State> {
    /// What the engine knows of one of them.
    struct Entry {
        let peer: ConnectedPeer
        let serial: UInt32
        /// The id under which it receives messages; 0 while it receives none.
        var remoteID: UInt8
        /// What it may still send.
        var allowance: TokenBucket
        /// When it last sent too much.
        var floodedAt: Instant?
    }

    private var entries: [Entry?] = []
    /// What the extension keeps, by slot: in a table of its own, so that it is changed in place.
    var states: [State?] = []
    /// What waits to be sent, by slot.
    var outboxes: [ExtensionOutbox?] = []
    private var nextSerial: UInt32 = 0

    var slotCount: Int { entries.count }

    // MARK: - Looking up

    subscript(peer: PeerHandle) -> Entry? {
        guard let entry = entry(at: peer.slot), entry.serial == peer.serial else { return nil }
        return entry
    }

    func holds(_ peer: PeerHandle) -> Bool { self[peer] != nil }

    func handle(at slot: PeerSlot) -> PeerHandle? {
        entry(at: slot).map { PeerHandle(slot: slot, serial: $0.serial) }
    }

    func remoteID(at slot: PeerSlot) -> UInt8 { entry(at: slot)?.remoteID ?? 0 }

    /// In the order of slots.
    func handles(where isIncluded: (Entry) -> Bool) -> [PeerHandle] {
        entries.indices.compactMap { index in
            guard let entry = entries[index], isIncluded(entry) else { return nil }
            return PeerHandle(slot: PeerSlot(rawValue: UInt32(index)), serial: entry.serial)
        }
    }

    private func entry(at slot: PeerSlot) -> Entry? { slot.int < entries.count ? entries[slot.int] : nil }

    // MARK: - Changing

    mutating func insert(
        _ peer: ConnectedPeer,
        at slot: PeerSlot,
        state: State,
        remoteID: UInt8,
        limits: ExtensionLimits,
        at now: Instant
    ) -> PeerHandle {
        while entries.count <= slot.int {
            entries.append(nil)
            states.append(nil)
            outboxes.append(nil)
        }
        nextSerial &+= 1
        entries[slot.int] = Entry(
            peer: peer,
            serial: nextSerial,
            remoteID: remoteID,
            allowance: limits.makeAllowance(at: now)
        )
        states[slot.int] = state
        outboxes[slot.int] = ExtensionOutbox(limits, at: now)
        return PeerHandle(slot: slot, serial: nextSerial)
    }

    mutating func remove(_ slot: PeerSlot) {
        guard slot.int < entries.count else { return }
        entries[slot.int] = nil
        states[slot.int] = nil
        outboxes[slot.int] = nil
    }

    mutating func setRemoteID(_ id: UInt8, at slot: PeerSlot) {
        guard slot.int < entries.count else { return }
        entries[slot.int]?.remoteID = id
    }

    /// Counts a message of `byteCount`. Returns false if it is more than the peer may send.
    mutating func take(_ byteCount: Int, at slot: PeerSlot, _ now: Instant) -> Bool {
        guard slot.int < entries.count else { return false }
        return entries[slot.int]?.allowance.takeWhole(byteCount, at: now) ?? false
    }

    /// Counts that the peer has sent too much. Returns whether that is the first time within a second.
    mutating func noteFlood(at slot: PeerSlot, _ now: Instant) -> Bool {
        guard slot.int < entries.count, let entry = entries[slot.int] else { return false }
        if let last = entry.floodedAt, now - last < .seconds(1) { return false }
        entries[slot.int]?.floodedAt = now
        return true
    }
}

extension ExtensionLimits {
    /// The bytes that a message of `byteCount` counts as.
    static func cost(of byteCount: Int) -> Int { byteCount + messageOverheadByteCount }

    fileprivate func makeAllowance(at now: Instant) -> TokenBucket {
        TokenBucket(
            rateBytesPerSecond: receivedBytesPerSecond,
            burstBytes: max(receivedBurstByteCount, Self.cost(of: messageByteCount)),
            at: now
        )
    }
}
