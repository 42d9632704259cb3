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
        case .ban: convict(peer.source, of: misbehaviour, at: now, into: &effects)
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

    /// Somebody is shown to have sent a wrong block of `piece`.
    mutating func convict(
        _ source: BlockSource,
        of piece: PieceIndex,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        switch source {
        case .webSeed(let number): effects.append(.webSeedWrong(number, piece))
        case .peer: convict(source, of: .poison, at: now, into: &effects)
        }
    }

    /// The connection is closed. Its address is refused for a while if nobody else is connected from there, or after
    /// `SwarmBounds.convictionsOfSharedAddress`: behind one address there may be many, most of them honest.
    private mutating func convict(
        _ source: BlockSource,
        of misbehaviour: Misbehaviour,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard case .peer(let address, _) = source else { return }
        let neighbours = peers.occupied.filter { peers[$0]?.isAt(address.group) ?? false }
        let isShared = neighbours.contains { peers[$0]?.source != source }
        let count = list.handleConviction(address, at: now)
        if !isShared || count >= SwarmBounds.convictionsOfSharedAddress {
            list.ban(address, until: now + SwarmTiming.ban)
            effects.append(.banned(address))
            for slot in neighbours { disconnect(slot, .misbehaviour(misbehaviour), into: &effects) }
        } else {
            for slot in neighbours where peers[slot]?.source == source {
                disconnect(slot, .misbehaviour(misbehaviour), into: &effects)
            }
        }
    }
}

extension ConnectedPeer {
    /// Whether it is a peer of this address, or of its /64. A web seed is no peer.
    func isAt(_ group: AddressGroup) -> Bool { !isWebSeed && endpoint.address.group == group }
}
