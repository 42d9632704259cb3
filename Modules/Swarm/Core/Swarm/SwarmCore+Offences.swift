// SPDX-License-Identifier: Apache-2.0

internal import OrderedCollections
package import RucheWire

/// Misbehaviour of peers, and its consequences. A peer is blamed only for what is proven: the sender of a wrong block
/// loses its connection, and others at its address lose only our trust, until they have sent correct blocks.
extension SwarmCore {
    /// What the peer sent is no message: the driver closes the connection, and tells of that next.
    package mutating func handleProtocolError(
        _ error: PeerProtocolError,
        by slot: PeerSlot,
        in batch: inout SwarmBatch
    ) {
        handleMisbehaviour(error.code == .badLength ? .oversize : .garbage, by: slot, in: &batch)
    }

    /// Handles misbehaviour that the driver found.
    package mutating func handleMisbehaviour(
        _ misbehaviour: Misbehaviour,
        by slot: PeerSlot,
        in batch: inout SwarmBatch
    ) {
        if let peer = peers[slot] { misbehave(misbehaviour, by: peer, in: &batch) }
    }

    /// Handles what parts have reported. Must be called after each call to a part that may report something.
    mutating func handleNews(in batch: inout SwarmBatch) {
        while !batch.news.isEmpty {
            // Handling an item may add others.
            switch batch.news.removeFirst() {
            case .accused(let peer, let misbehaviour): misbehave(misbehaviour, by: peer, in: &batch)
            case .convicted(let culprits, let piece): convict(culprits, of: piece, in: &batch)
            }
        }
    }

    /// Counts a misbehaviour, and applies the verdict of the peer's budget.
    mutating func misbehave(_ misbehaviour: Misbehaviour, by peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard !peer.isGone else { return }
        batch.add(.misbehaved(peer.endpoint, misbehaviour))
        switch peer.budget.handle(misbehaviour, at: batch.now) {
        case .ignore: break
        case .drop: disconnect(peer, .misbehaviour(misbehaviour), in: &batch)
        case .ban: convict([peer.source], of: misbehaviour, in: &batch)
        }
    }

    /// Handles sources that are proven to have sent wrong blocks of `piece`.
    mutating func convict(_ culprits: [BlockSource], of piece: PieceIndex, in batch: inout SwarmBatch) {
        for case .webSeed(let number) in culprits { batch.add(.webSeedWrong(number, piece)) }
        convict(culprits, of: .poison, in: &batch)
    }

    /// Closes the culprits' connections and bans their addresses: they are not dialled, and blocks are requested from a
    /// peer at one of them only if a piece with a block of its own has verified. No other peer is refused or
    /// disconnected, because most of the peers behind one address may be honest.
    private mutating func convict(
        _ culprits: [BlockSource],
        of misbehaviour: Misbehaviour,
        in batch: inout SwarmBatch
    ) {
        guard !culprits.isEmpty else { return }
        let guilty = Set(culprits)
        for slot in peers.occupied {
            guard let peer = peers[slot], !peer.isWebSeed, guilty.contains(peer.source) else { continue }
            disconnect(peer, .misbehaviour(misbehaviour), in: &batch)
        }
        // One judgement counts once for an address.
        let addresses = OrderedSet(culprits.compactMap { if case .peer(let address, _) = $0 { address } else { nil } })
        var groups: Set<AddressGroup> = []
        for address in addresses where groups.insert(address.group).inserted {
            let count = connections.list.handleConviction(address, at: batch.now)
            connections.list.ban(address, until: batch.now + banLength(after: count))
            batch.add(.banned(address))
        }
        // Before the metadata is known, no peer can prove that it sends correct data.
        guard misbehaviour == .poison else { return }
        for peer in peers.all(where: { !$0.isWebSeed && groups.contains($0.endpoint.address.group) }) {
            peer.isDistrustedUntil = connections.list.banEnd(of: peer.endpoint.address)
        }
    }

    /// Returns how long an address is banned after its `count`th recent conviction.
    private func banLength(after count: Int) -> Interval {
        var length = SwarmTiming.ban
        for _ in 1..<max(1, min(count, SwarmBounds.countedConvictions)) { length = length * SwarmBounds.banFactor }
        return min(length, SwarmTiming.longestBan)
    }
}
