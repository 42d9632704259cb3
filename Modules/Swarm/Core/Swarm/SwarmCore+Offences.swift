// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What peers do wrong, and what becomes of them. Nobody answers for more than is shown: a wrong block for its own
/// connection, and the address only where nobody else is there, or again and again.
extension SwarmCore {
    /// Counts what a peer did, and does what its budget has come to.
    mutating func misbehave(
        _ misbehaviour: Misbehaviour,
        by slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard let peer = peers[slot] else { return }
        effects.append(.misbehaved(peer.endpoint, misbehaviour))
        switch peer.budget.handle(misbehaviour, at: now) {
        case .ignore: break
        case .drop: disconnect(slot, .misbehaviour(misbehaviour), into: &effects)
        case .ban: convict([peer.source], of: misbehaviour, at: now, into: &effects)
        }
    }

    /// The driver could make nothing of what the peer sent.
    package mutating func handleMisbehaviour(
        _ misbehaviour: Misbehaviour,
        by slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        misbehave(misbehaviour, by: slot, at: now, into: &effects)
    }

    /// These are shown to have sent wrong blocks of `piece`.
    mutating func convict(
        _ culprits: some Collection<BlockSource>,
        of piece: PieceIndex,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        for case .webSeed(let number) in culprits { effects.append(.webSeedWrong(number, piece)) }
        convict(culprits, of: .poison, at: now, into: &effects)
    }

    /// The connections are closed. An address is refused for a while if nobody but culprits is connected from there, or
    /// after `SwarmBounds.convictionsOfSharedAddress`: behind one address there may be many, most of them honest.
    private mutating func convict(
        _ culprits: some Collection<BlockSource>,
        of misbehaviour: Misbehaviour,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard !culprits.isEmpty else { return }
        // Before anybody is gone: the last of several culprits would leave an honest neighbour alone.
        let shared = sharedAddresses(of: Set(culprits))
        for case .peer(let address, let id) in culprits {
            let neighbours = peers.occupied.filter { peers[$0]?.isAt(address.group) ?? false }
            let count = list.handleConviction(address, at: now)
            if !shared.contains(address.group) || count >= SwarmBounds.convictionsOfSharedAddress {
                list.ban(address, until: now + SwarmTiming.ban)
                effects.append(.banned(address))
                for slot in neighbours { disconnect(slot, .misbehaviour(misbehaviour), into: &effects) }
            } else {
                for slot in neighbours where peers[slot]?.source == .peer(address, id: id) {
                    disconnect(slot, .misbehaviour(misbehaviour), into: &effects)
                }
            }
        }
    }

    /// Addresses from which somebody is connected who is none of these.
    private func sharedAddresses(of culprits: Set<BlockSource>) -> Set<AddressGroup> {
        var shared: Set<AddressGroup> = []
        for slot in peers.occupied {
            guard let peer = peers[slot], !peer.isWebSeed, !culprits.contains(peer.source) else { continue }
            shared.insert(peer.endpoint.address.group)
        }
        return shared
    }
}

extension ConnectedPeer {
    /// Whether it is a peer of this address, or of its /64. A web seed is no peer.
    func isAt(_ group: AddressGroup) -> Bool { !isWebSeed && endpoint.address.group == group }
}
