// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheTransport
internal import RucheWire

/// Two peers behind NATs connect with the help of a third, to which both are connected (BEP 55); never in a private
/// torrent (BEP 27).
///
///     initiator: cannot dial a peer that another one named ──rendezvous──▶ relay ──connect──▶ both
///     both: dial each other over uTP at once, so that each NAT has sent a packet before one arrives
///
/// It is offered only by sessions with uTP. Everything that a peer can ask for is limited by `HolePunchLimits`: a
/// message makes us send at most one packet's worth of dialling to an address that we did not choose.
struct HolePunchExtension: PeerExtension {
    struct PeerState {
        /// The endpoint by which others can reach it; nil if it is unknown.
        var contact: PeerEndpoint?
        /// What it may still ask us to relay.
        var rendezvous: TokenBucket
        /// What it may still make us dial.
        var connects: TokenBucket
    }

    static let name = ExtensionName.holepunch
    static let servesPrivateTorrents = false
    static let keepsSeeds = false
    static let limits = {
        var limits = ExtensionLimits()
        limits.messageByteCount = HolePunchLimits.messageByteCount
        limits.receivedBytesPerSecond = 1 << 10
        limits.receivedBurstByteCount = 16 << 10
        return limits
    }()

    /// What we ask relays for.
    private var asks = HolePunchAsks()
    /// Our peers by the endpoints under which others ask for them.
    private var peers: [PeerEndpoint: PeerHandle] = [:]
    /// Requests for endpoints of none of them, which are answered once all connected peers are known.
    private var unresolved: [(asker: PeerHandle, target: PeerEndpoint)] = []

    init(in batch: inout ExtensionBatch<Self>) {}

    func makeState(for peer: PeerFacts) -> PeerState {
        PeerState(
            contact: peer.contact,
            rendezvous: HolePunchLimits.rendezvous(at: .zero),
            connects: HolePunchLimits.connects(at: .zero)
        )
    }

    mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch event {
        case .joined:
            if let contact = batch[peer]?.contact, peers[contact] == nil { peers[contact] = peer }
        case .message(let bytes):
            guard batch.swarm.isPrivate != true, let message = try? HolepunchMessage(parsing: ByteBuffer(bytes: bytes))
            else { return batch.misbehaved(peer) }
            switch message.kind {
            case .rendezvous: relay(message.endpoint, for: peer, in: &batch)
            case .connect: connect(to: message.endpoint, relayedBy: peer, in: &batch)
            case .error: handleFailure(message.endpoint, at: peer, in: &batch)
            }
        case .hasRoom: break
        case .left:
            if let contact = batch[peer]?.contact, peers[contact] == peer { peers[contact] = nil }
        }
    }

    // MARK: - Initiator

    mutating func handleNamed(_ found: [FoundPeer], by peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        for contact in found where contact.supportsHolePunching { asks.handleNamed(contact.endpoint, by: peer) }
    }

    mutating func handleUnreachable(_ endpoint: PeerEndpoint, in batch: inout ExtensionBatch<Self>) {
        guard batch.swarm.isPrivate != true, endpoint != batch.swarm.ownEndpoint else { return }
        ask(for: endpoint, in: &batch)
    }

    /// Asks the next relay, if there is one.
    private mutating func ask(for target: PeerEndpoint, in batch: inout ExtensionBatch<Self>) {
        while let relay = asks.nextRelay(for: target, at: batch.now) {
            let message = HolepunchMessage(.rendezvous, target).encoded()
            if batch.send(Array(message.readableBytesView), to: relay) { return }
            _ = asks.handleAnswer(target, by: relay)
        }
    }

    private mutating func handleFailure(
        _ target: PeerEndpoint,
        at relay: PeerHandle,
        in batch: inout ExtensionBatch<Self>
    ) {
        if asks.handleAnswer(target, by: relay) { ask(for: target, in: &batch) }
    }

    // MARK: - Initiator and target

    private mutating func connect(
        to endpoint: PeerEndpoint,
        relayedBy relay: PeerHandle,
        in batch: inout ExtensionBatch<Self>
    ) {
        if !asks.handleAnswer(endpoint, by: relay) {
            let now = batch.now
            let isWithinLimits = batch[relay]?.connects.takeWhole(1, at: now) ?? false
            guard isWithinLimits else { return batch.misbehaved(relay, .excessive) }
        }
        batch.dial(endpoint, over: .utp, namedBy: relay)
    }

    // MARK: - Relay

    private mutating func relay(
        _ target: PeerEndpoint,
        for asker: PeerHandle,
        in batch: inout ExtensionBatch<Self>
    ) {
        let now = batch.now
        let isWithinLimits = batch[asker]?.rendezvous.takeWhole(1, at: now) ?? false
        guard isWithinLimits else { return batch.misbehaved(asker, .excessive) }
        let source = batch[asker]?.contact
        if target == batch.swarm.ownEndpoint || target == source {
            fail(.noSelf, target, to: asker, in: &batch)
        } else if target.port == 0 || target.address.isMulticast || target.address.isUnspecified {
            fail(.noSuchPeer, target, to: asker, in: &batch)
        } else if let other = peers[target] {
            guard let source, source.address.isIPv4 == target.address.isIPv4 else {
                return fail(.noSuchPeer, target, to: asker, in: &batch)
            }
            let introduction = HolepunchMessage(.connect, source).encoded()
            guard batch.send(Array(introduction.readableBytesView), to: other) else {
                return fail(.noSupport, target, to: asker, in: &batch)
            }
            batch.send(Array(HolepunchMessage(.connect, target).encoded().readableBytesView), to: asker)
        } else if unresolved.count < HolePunchLimits.unresolvedCount {
            unresolved.append((asker, target))
            batch.wake(at: batch.now)
        } else {
            fail(.notConnected, target, to: asker, in: &batch)
        }
    }

    /// Answers requests for peers that are not connected, or do not support hole punching.
    mutating func handleTimer(in batch: inout ExtensionBatch<Self>) {
        let connected = Set(batch.neighbours.flatMap { [$0.endpoint, $0.listensAt ?? $0.endpoint] })
        for (asker, target) in unresolved {
            fail(connected.contains(target) ? .noSupport : .notConnected, target, to: asker, in: &batch)
        }
        unresolved.removeAll()
    }

    private func fail(
        _ failure: HolepunchMessage.Failure,
        _ target: PeerEndpoint,
        to asker: PeerHandle,
        in batch: inout ExtensionBatch<Self>
    ) {
        batch.send(Array(HolepunchMessage(.error(failure), target).encoded().readableBytesView), to: asker)
    }
}

extension PeerFacts {
    /// The endpoint by which others can reach the peer, if they and it send packets at the same time. Over uTP that is the
    /// connection's, because a peer has one UDP port and its NAT has chosen that endpoint for it.
    var contact: PeerEndpoint? { usesUTP ? endpoint : listensAt }
}
