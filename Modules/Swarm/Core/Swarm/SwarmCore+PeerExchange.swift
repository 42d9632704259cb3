// SPDX-License-Identifier: Apache-2.0

internal import OrderedCollections
internal import RucheWire

/// Peers tell each other of peers (BEP 11), never in a private torrent (BEP 27).
extension SwarmCore {
    /// Contacts in one message (BEP 11).
    private static let contactLimit = 50

    /// Tells each peer whom we have met and lost since it was last told.
    mutating func exchangePeers(at now: Instant, into effects: inout [SwarmEffect]) {
        guard content?.info.isPrivate == false else { return }
        let present = connectedContacts()
        for slot in peers.occupied { tell(slot, of: present, at: now, into: &effects) }
    }

    /// A peer told us of others.
    mutating func handleExchange(
        _ message: PeerExchangeMessage,
        _ slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard content?.info.isPrivate == false || content == nil else {
            return misbehave(.badPeerExchange, by: slot, at: now, into: &effects)
        }
        // BEP 11 has at most one a minute; clocks and batches differ.
        guard let peer = peers[slot], now >= peer.mayExchangeAt else {
            return misbehave(.badPeerExchange, by: slot, at: now, into: &effects)
        }
        peer.mayExchangeAt = now + SwarmTiming.peerExchange / 4
        for contact in message.added.prefix(2 * Self.contactLimit) {
            let isSeed = contact.flags.contains(.uploadOnly)
            let (address, teller) = (contact.endpoint.address, peer.endpoint.address)
            // Nobody elsewhere knows who is in this machine's networks, and what is there is not made to hear from us.
            guard !address.isPrivate || teller.isPrivate, !address.isThisMachine || teller.isThisMachine else {
                continue
            }
            list.handleFound(
                contact.endpoint,
                from: address.group == teller.group ? .incoming : .pex,
                isSaidToSeed: isSeed,
                by: teller.group,
                at: now
            )
        }
        // They are dialled at the tick: to choose among all that are known costs more than to hear of one.
    }

    private func connectedContacts() -> OrderedDictionary<PeerEndpoint, PeerExchangeMessage.Flags> {
        var contacts: OrderedDictionary<PeerEndpoint, PeerExchangeMessage.Flags> = [:]
        for slot in peers.occupied {
            guard let peer = peers[slot], let endpoint = peer.listensAt else { continue }
            var flags: PeerExchangeMessage.Flags = peer.isIncoming ? [] : .reachable
            if peer.pieces.isSeed || peer.isUploadOnly { flags.insert(.uploadOnly) }
            contacts[endpoint] = flags
        }
        return contacts
    }

    private mutating func tell(
        _ slot: PeerSlot,
        of present: OrderedDictionary<PeerEndpoint, PeerExchangeMessage.Flags>,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard let peer = peers[slot], peer.extensions.peerExchange != 0, peer.answers.hasRoom else { return }
        let isSeed = peer.pieces.isSeed || peer.isUploadOnly
        let news = present.elements.filter { endpoint, flags in
            endpoint != peer.listensAt && !peer.toldContacts.contains(endpoint)
                && !(isSeed && flags.contains(.uploadOnly))
        }
        let added = news.prefix(Self.contactLimit).map { PeerExchangeMessage.Contact($0.key, flags: $0.value) }
        let dropped = peer.toldContacts.filter { present[$0] == nil }.prefix(Self.contactLimit)
        guard !added.isEmpty || !dropped.isEmpty else { return }
        for contact in added { peer.toldContacts.append(contact.endpoint) }
        for endpoint in dropped { peer.toldContacts.remove(endpoint) }
        let message = PeerExchangeMessage(added: added, dropped: Array(dropped))
        let id = peer.extensions.peerExchange
        send(.extended(id: id, payload: message.encoded()), to: slot, at: now, into: &effects)
    }
}
