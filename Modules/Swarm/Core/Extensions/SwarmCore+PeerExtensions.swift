// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
package import RucheWire

/// Extensions that are values of their own: what happens goes to them, and what they ask for is done.
extension SwarmCore {
    /// Adds an extension, and tells those who are connected. Does nothing if there is one of that name, or too many.
    package mutating func attach(_ kind: ExtensionKind, in batch: inout SwarmBatch) {
        guard extensions.host(named: kind.name) == nil, let id = extensions.makeID() else { return }
        let host = kind.makeHost(swarmFacts, SeededRandom(seed: extensionSeed &+ UInt64(id)), work, batch.now)
        extensions.add(host, receiving: id)
        carryOut(host, in: &batch)
        guard isOffered(host) else { return }
        var news = ExtendedHandshake()
        news.extensions[kind.name] = id
        let payload = news.encoded()
        for slot in peers.occupied {
            guard let peer = peers[slot], peer.isExtended else { continue }
            send(.extended(id: ExtendedHandshake.id, payload: payload), to: slot, in: &batch)
            host.handleRemoteID(peer.extensions[kind.name], of: slot, peer, at: batch.now)
            carryOut(host, in: &batch)
        }
    }

    /// The app tells an extension something.
    package mutating func handleCommand(_ command: any Sendable, to name: ExtensionName, in batch: inout SwarmBatch) {
        guard let host = extensions.host(named: name) else { return }
        host.handleCommand(command, at: batch.now)
        carryOut(host, in: &batch)
    }

    /// The id under which a peer receives messages of an extension that is not one of our own; nil if it receives none.
    package func remoteID(of name: ExtensionName, at slot: PeerSlot) -> UInt8? {
        guard let id = peers[slot]?.extensions[name], id != 0 else { return nil }
        return id
    }

    /// Whether peers are told of the extension.
    func isOffered(_ host: any ExtensionHost) -> Bool {
        host.servesPrivateTorrents || content?.isPrivate != true
    }

    var swarmFacts: SwarmFacts { SwarmFacts(hashes: identity.hashes, isPrivate: content?.isPrivate) }

    /// Whether an extension has something to tell the peer, or may turn out to.
    func isKeptByExtensions(_ peer: ConnectedPeer) -> Bool {
        guard peer.isExtended else { return false }
        for (_, host) in extensions.all where host.keepsSeeds && isOffered(host) {
            if !peer.extensions.areKnown || peer.extensions[host.name] != 0 { return true }
        }
        return false
    }

    /// What is known of the torrent has changed.
    func tellExtensionsOfContent() {
        for (_, host) in extensions.all { host.setSwarm(swarmFacts) }
    }

    // MARK: - Peers

    /// A peer has named extensions.
    mutating func handleRemoteExtensions(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        for (_, host) in extensions.all where isOffered(host) {
            guard let peer = peers[slot] else { return }
            host.handleRemoteID(peer.extensions[host.name], of: slot, peer, at: batch.now)
            carryOut(host, in: &batch)
        }
        // It was kept until it had said what it knows.
        if isUseless(slot) { disconnect(slot, .bothComplete, in: &batch) }
    }

    mutating func handleExtensionMessage(
        _ payload: ByteBuffer,
        to host: any ExtensionHost,
        _ slot: PeerSlot,
        in batch: inout SwarmBatch
    ) {
        guard let peer = peers[slot] else { return }
        let misbehaviour = host.handleMessage(payload, from: slot, peer, at: batch.now)
        carryOut(host, in: &batch)
        if let misbehaviour { misbehave(misbehaviour, by: slot, in: &batch) }
    }

    /// A peer is gone.
    mutating func tellExtensionsOfLeft(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        for (_, host) in extensions.all {
            host.handleLeft(slot, at: batch.now)
            carryOut(host, in: &batch)
        }
    }

    // MARK: - Time

    /// Wakes those who asked for it by now.
    mutating func wakeExtensions(in batch: inout SwarmBatch) {
        for (_, host) in extensions.all {
            guard let time = host.wakeAt, time <= batch.now else { continue }
            let neighbours = peers.occupied.compactMap { slot -> PeerFacts? in
                guard let peer = peers[slot], !peer.isWebSeed else { return nil }
                return PeerFacts(peer)
            }
            host.handleTimer(among: neighbours, at: batch.now)
            carryOut(host, in: &batch)
        }
    }

    // MARK: - Sending

    /// Sends what waits for a peer, as far as it takes it and the rates allow.
    mutating func serveExtensions(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard peers[slot]?.extensions.hasBacklog == true else { return }
        var isBusy = false
        for (_, host) in extensions.all {
            sendNext(of: host, to: slot, in: &batch)
            host.handleRoom(slot, at: batch.now)
            carryOut(host, in: &batch)
            isBusy = host.isBusy(slot) || isBusy
        }
        peers[slot]?.extensions.hasBacklog = isBusy
    }

    private mutating func sendNext(of host: any ExtensionHost, to slot: PeerSlot, in batch: inout SwarmBatch) {
        while let peer = peers[slot], peer.answers.hasRoom, let message = host.nextMessage(for: slot, at: batch.now) {
            send(message, to: slot, in: &batch)
        }
    }

    /// Does what an extension asked for.
    mutating func carryOut(_ host: any ExtensionHost, in batch: inout SwarmBatch) {
        if host === extensions.content { followContent(in: &batch) }
        for output in host.takeOutputs() {
            switch output {
            case .send(let slot): sendNext(of: host, to: slot, in: &batch)
            case .store(let piece, let bytes): store(bytes, as: piece, in: &batch)
            case .found(let found, let slot): handleFound(found, by: slot, at: batch.now)
            case .misbehaved(let slot, let misbehaviour): misbehave(misbehaviour, by: slot, in: &batch)
            case .report(let report): batch.add(.extensionReport(host.name, report))
            }
        }
    }

    /// A peer told of others. They are dialled at the tick: to choose among all that are known costs more than to hear of
    /// one.
    private mutating func handleFound(_ found: [FoundPeer], by slot: PeerSlot, at now: Instant) {
        guard content?.isPrivate != true, let teller = peers[slot]?.endpoint.address else { return }
        for peer in found {
            let address = peer.endpoint.address
            // Nobody elsewhere knows who is in this machine's networks, and what is there is not made to hear from us.
            guard !address.isPrivate || teller.isPrivate, !address.isThisMachine || teller.isThisMachine else {
                continue
            }
            list.handleFound(
                peer.endpoint,
                from: address.group == teller.group ? .incoming : .pex,
                isSaidToSeed: peer.isSeed,
                by: teller.group,
                at: now
            )
        }
    }
}
