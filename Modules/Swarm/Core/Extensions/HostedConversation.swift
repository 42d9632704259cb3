// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheWire

/// An extension or a content with its peers, held to its limits. Owner: the table of its core, on the core's thread.
class HostedConversation<Body: PeerConversation>: ExtensionHost {
    // Final, so that a look at a part of the batch does not copy all of it.
    final var body: Body
    final var batch: ExtensionBatch<Body>

    init(
        _ swarm: SwarmFacts,
        _ random: SeededRandom,
        _ work: WorkMeter,
        at now: Instant,
        makeBody: (inout ExtensionBatch<Body>) -> Body
    ) {
        var limits = Body.limits
        limits.messageByteCount = max(1, min(limits.messageByteCount, PeerLimits().extendedByteCount))
        var batch = ExtensionBatch<Body>(swarm, limits: limits, random: random, work: work, at: now)
        body = makeBody(&batch)
        self.batch = batch
    }

    var name: ExtensionName { Body.name }
    var servesPrivateTorrents: Bool { Body.servesPrivateTorrents }
    var keepsSeeds: Bool { Body.keepsSeeds }
    var wakeAt: Instant? { batch.wakeAt }

    func takeOutputs() -> [ExtensionOutput] {
        var outputs: [ExtensionOutput] = []
        swap(&outputs, &batch.outputs)
        return outputs
    }

    func setSwarm(_ swarm: SwarmFacts) { batch.swarm = swarm }

    // MARK: - Peers

    func handleRemoteID(_ id: UInt8, of slot: PeerSlot, _ peer: ConnectedPeer, at now: Instant) {
        begin(at: now)
        guard let handle = batch.entries.handle(at: slot) else {
            if id != 0 { _ = join(slot, peer, remoteID: id) }
            return
        }
        let before = batch.entries.remoteID(at: slot)
        batch.entries.setRemoteID(id, at: slot)
        if before == 0, id != 0 { body.handle(.hasRoom, from: handle, in: &batch) }
    }

    func handleMessage(
        _ payload: ByteBuffer,
        from slot: PeerSlot,
        _ peer: ConnectedPeer,
        at now: Instant
    ) -> Misbehaviour? {
        begin(at: now)
        guard payload.readableBytes <= batch.limits.messageByteCount else { return .oversize }
        let handle = batch.entries.handle(at: slot) ?? join(slot, peer, remoteID: 0)
        guard batch.entries.take(ExtensionLimits.cost(of: payload.readableBytes), at: slot, now) else {
            return batch.entries.noteFlood(at: slot, now) ? .floodOfExtension : nil
        }
        body.handle(.message(Array(payload.readableBytesView)), from: handle, in: &batch)
        return nil
    }

    func handleLeft(_ slot: PeerSlot, at now: Instant) {
        guard let handle = batch.entries.handle(at: slot) else { return }
        begin(at: now)
        batch.entries.setRemoteID(0, at: slot)
        body.handle(.left, from: handle, in: &batch)
        batch.entries.remove(slot)
    }

    private func join(_ slot: PeerSlot, _ peer: ConnectedPeer, remoteID: UInt8) -> PeerHandle {
        let handle = batch.entries.insert(
            peer,
            at: slot,
            state: body.makeState(for: PeerFacts(peer)),
            remoteID: remoteID,
            limits: batch.limits,
            at: batch.now
        )
        body.handle(.joined, from: handle, in: &batch)
        return handle
    }

    /// Only peers that use the extension have a handle to name.
    func handleNamed(_ found: [FoundPeer], by slot: PeerSlot, at now: Instant) {
        guard let handle = batch.entries.handle(at: slot) else { return }
        begin(at: now)
        body.handleNamed(found, by: handle, in: &batch)
    }

    func handleUnreachable(_ endpoint: PeerEndpoint, at now: Instant) {
        begin(at: now)
        body.handleUnreachable(endpoint, in: &batch)
    }

    // MARK: - Time and the app

    func handleTimer(among neighbours: [PeerFacts], at now: Instant) {
        begin(at: now)
        batch.wakeAt = nil
        batch.neighbours = neighbours
        body.handleTimer(in: &batch)
        batch.neighbours = []
    }

    func handleCommand(_ command: any Sendable, at now: Instant) {
        guard let command = command as? Body.Command else { return }
        begin(at: now)
        body.handle(command, in: &batch)
    }

    /// Time never goes back: a peer that is sent away leaves at the moment of its last message.
    final func begin(at now: Instant) { batch.now = max(batch.now, now) }

    // MARK: - Sending

    func nextMessage(for slot: PeerSlot, at now: Instant) -> PeerMessage? {
        let id = batch.entries.remoteID(at: slot)
        guard id != 0, let bytes = batch.entries.outboxes[slot.int]?.next(at: now) else { return nil }
        return .extended(id: id, payload: ByteBuffer(bytes: bytes))
    }

    func handleRoom(_ slot: PeerSlot, at now: Instant) {
        guard let handle = batch.entries.handle(at: slot), batch.entries.remoteID(at: slot) != 0,
            batch.entries.outboxes[slot.int]?.takeNewsOfRoom() == true
        else { return }
        begin(at: now)
        body.handle(.hasRoom, from: handle, in: &batch)
    }

    func isBusy(_ slot: PeerSlot) -> Bool {
        guard batch.entries.remoteID(at: slot) != 0 else { return false }
        return batch.entries.outboxes[slot.int]?.isBusy ?? false
    }
}
