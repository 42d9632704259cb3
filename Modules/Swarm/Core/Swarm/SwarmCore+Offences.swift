// SPDX-License-Identifier: Apache-2.0

internal import OrderedCollections
internal import RucheWire

/// What peers do wrong, and what becomes of them. Nobody answers for more than is shown: the sender of a wrong block loses
/// its connection, and others at its address only our trust, until they have shown that they give right ones.
extension SwarmCore {
    /// Counts what a peer did, and does what its budget has come to.
    mutating func misbehave(_ misbehaviour: Misbehaviour, by slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        batch.add(.misbehaved(peer.endpoint, misbehaviour))
        switch peer.budget.handle(misbehaviour, at: batch.now) {
        case .ignore: break
        case .drop: disconnect(slot, .misbehaviour(misbehaviour), in: &batch)
        case .ban: convict([peer.source], of: misbehaviour, in: &batch)
        }
    }

    /// The driver could make nothing of what the peer sent.
    package mutating func handleMisbehaviour(
        _ misbehaviour: Misbehaviour,
        by slot: PeerSlot,
        in batch: inout SwarmBatch
    ) {
        misbehave(misbehaviour, by: slot, in: &batch)
    }

    /// These are shown to have sent wrong blocks of `piece`.
    mutating func convict(_ culprits: some Collection<BlockSource>, of piece: PieceIndex, in batch: inout SwarmBatch) {
        for case .webSeed(let number) in culprits { batch.add(.webSeedWrong(number, piece)) }
        convict(culprits, of: .poison, in: &batch)
    }

    /// Closes the culprits' connections and bans their addresses: they are not dialled, and a peer at one of them is asked for
    /// blocks only if a piece with a block of its own has verified. Nobody else is refused or disconnected, because most of
    /// the peers behind one address may be honest.
    private mutating func convict(
        _ culprits: some Collection<BlockSource>,
        of misbehaviour: Misbehaviour,
        in batch: inout SwarmBatch
    ) {
        guard !culprits.isEmpty else { return }
        let guilty = Set(culprits)
        for slot in peers.occupied {
            guard let source = peers[slot]?.source, case .peer = source, guilty.contains(source) else { continue }
            disconnect(slot, .misbehaviour(misbehaviour), in: &batch)
        }
        // What one judgement shows counts once for an address.
        let addresses = OrderedSet(culprits.compactMap { if case .peer(let address, _) = $0 { address } else { nil } })
        var groups: Set<AddressGroup> = []
        for address in addresses where groups.insert(address.group).inserted {
            list.ban(address, until: batch.now + banLength(after: list.handleConviction(address, at: batch.now)))
            batch.add(.banned(address))
        }
        // Before the metadata is known, nobody can show that it gives what is right.
        guard misbehaviour == .poison else { return }
        for slot in peers.occupied {
            guard let peer = peers[slot], !peer.isWebSeed, groups.contains(peer.endpoint.address.group) else {
                continue
            }
            peer.isDistrustedUntil = list.banEnd(of: peer.endpoint.address)
        }
    }

    /// How long an address is banned after its `count`th conviction of late.
    private func banLength(after count: Int) -> Interval {
        var length = SwarmTiming.ban
        for _ in 1..<max(1, min(count, SwarmBounds.countedConvictions)) { length = length * SwarmBounds.banFactor }
        return min(length, SwarmTiming.longestBan)
    }
}
