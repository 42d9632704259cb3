// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import OrderedCollections
internal import RucheWire

/// Peers tell each other about peers (BEP 11), never in a private torrent (BEP 27).
struct PeerExchangeExtension: PeerExtension {
    typealias Contacts = OrderedDictionary<PeerEndpoint, PeerExchangeMessage.Flags>

    struct PeerState {
        /// When it may name others again.
        var mayTellAt = Instant.zero
        /// The endpoints that we have named to it.
        var told: OrderedSet<PeerEndpoint> = []
    }

    static let name = ExtensionName.peerExchange
    static let servesPrivateTorrents = false
    static let keepsSeeds = false
    /// Messages may have any length that the engine reads. Their rate is limited below, as in BEP 11.
    static let limits = {
        var limits = ExtensionLimits()
        limits.messageByteCount = PeerLimits().extendedByteCount
        return limits
    }()

    /// Contacts in one message (BEP 11).
    private static let contactLimit = 50

    init(in batch: inout ExtensionBatch<Self>) { batch.wake(at: batch.now + SwarmTiming.peerExchange) }

    func makeState(for peer: PeerFacts) -> PeerState { PeerState() }

    // MARK: - Receiving

    func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        guard case .message(let bytes) = event else { return }
        guard let message = try? PeerExchangeMessage(parsing: ByteBuffer(bytes: bytes)) else {
            return batch.misbehaved(peer, .protocolViolation)
        }
        // BEP 11 has at most one a minute; clocks and batches differ.
        guard batch.swarm.isPrivate != true, let state = batch[peer], batch.now >= state.mayTellAt else {
            return batch.misbehaved(peer, .badPeerExchange)
        }
        let next = batch.now + SwarmTiming.peerExchange / 4
        batch[peer]?.mayTellAt = next
        let added = message.added.prefix(2 * Self.contactLimit)
        batch.found(added.map(FoundPeer.init), by: peer)
    }

    // MARK: - Sending

    /// Tells each peer which peers we have met and lost since its last message.
    func handleTimer(in batch: inout ExtensionBatch<Self>) {
        batch.wake(at: batch.now + SwarmTiming.peerExchange)
        guard batch.swarm.isPrivate == false else { return }
        let present = Self.contacts(among: batch.neighbours)
        for peer in batch.peers where batch.isReady(peer) { tell(peer, of: present, in: &batch) }
    }

    private static func contacts(among peers: [PeerFacts]) -> Contacts {
        var contacts: Contacts = [:]
        for peer in peers {
            guard let endpoint = peer.supportsHolePunching ? peer.contact : peer.listensAt else { continue }
            contacts[endpoint] = PeerExchangeMessage.Flags(peer)
        }
        return contacts
    }

    private func tell(_ peer: PeerHandle, of present: Contacts, in batch: inout ExtensionBatch<Self>) {
        guard let facts = batch.facts(of: peer), let told = batch[peer]?.told else { return }
        let news = present.elements.filter { endpoint, flags in
            endpoint != facts.listensAt && !told.contains(endpoint) && !(facts.isSeed && flags.contains(.uploadOnly))
        }
        let added = news.prefix(Self.contactLimit).map { PeerExchangeMessage.Contact($0.key, flags: $0.value) }
        let dropped = told.filter { present[$0] == nil }.prefix(Self.contactLimit)
        guard !added.isEmpty || !dropped.isEmpty else { return }
        for contact in added { batch[peer]?.told.append(contact.endpoint) }
        for endpoint in dropped { batch[peer]?.told.remove(endpoint) }
        let message = PeerExchangeMessage(added: added, dropped: Array(dropped))
        batch.send(Array(message.encoded().readableBytesView), to: peer)
    }
}

extension FoundPeer {
    fileprivate init(_ contact: PeerExchangeMessage.Contact) {
        self.init(
            contact.endpoint,
            isSeed: contact.flags.contains(.uploadOnly),
            supportsHolePunching: contact.flags.contains(.holepunch)
        )
    }
}

extension PeerExchangeMessage.Flags {
    fileprivate init(_ peer: PeerFacts) {
        self = peer.isIncoming ? [] : .reachable
        if peer.isSeed { insert(.uploadOnly) }
        if peer.usesUTP || peer.supportsHolePunching { insert(.utp) }
        if peer.supportsHolePunching { insert(.holepunch) }
    }
}
