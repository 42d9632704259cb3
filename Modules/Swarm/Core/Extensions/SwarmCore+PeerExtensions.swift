// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheTransport
package import RucheWire

/// Extensions that are separate values: they get events, and their requests are executed.
extension SwarmCore {
    /// Adds an extension, and tells connected peers. Does nothing if there is one with its name, or there are too many.
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

    /// Handles an app's command to an extension.
    package mutating func handleCommand(_ command: any Sendable, to name: ExtensionName, in batch: inout SwarmBatch) {
        guard let host = extensions.host(named: name) else { return }
        host.handleCommand(command, at: batch.now)
        carryOut(host, in: &batch)
    }

    /// Returns the id under which a peer receives messages of an app's extension; nil if it receives none.
    package func remoteID(of name: ExtensionName, at slot: PeerSlot) -> UInt8? {
        guard let id = peers[slot]?.extensions[name], id != 0 else { return nil }
        return id
    }

    /// Returns whether the extension is announced to peers.
    func isOffered(_ host: any ExtensionHost) -> Bool {
        host.servesPrivateTorrents || content?.isPrivate != true
    }

    var swarmFacts: SwarmFacts {
        SwarmFacts(hashes: identity.hashes, isPrivate: content?.isPrivate, ownEndpoint: list.ownEndpoint)
    }

    /// Returns whether an extension uses the connection to the peer, or may yet.
    func isKeptByExtensions(_ peer: ConnectedPeer) -> Bool {
        guard peer.isExtended else { return false }
        for (_, host) in extensions.all where host.keepsSeeds && isOffered(host) {
            if !peer.extensions.areKnown || peer.extensions[host.name] != 0 { return true }
        }
        return false
    }

    /// Handles new facts about the torrent.
    func tellExtensionsOfSwarm() {
        for (_, host) in extensions.all { host.setSwarm(swarmFacts) }
    }

    // MARK: - Peers

    /// Handles a peer that has named extensions.
    mutating func handleRemoteExtensions(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        for (_, host) in extensions.all where isOffered(host) {
            guard let peer = peers[slot] else { return }
            host.handleRemoteID(peer.extensions[host.name], of: slot, peer, at: batch.now)
            carryOut(host, in: &batch)
        }
        // It was kept until it had named its extensions.
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

    /// Handles a peer that has left.
    mutating func tellExtensionsOfLeft(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        for (_, host) in extensions.all {
            host.handleLeft(slot, at: batch.now)
            carryOut(host, in: &batch)
        }
    }

    // MARK: - Time

    /// Wakes extensions that asked for it by now.
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

    /// Sends waiting messages to a peer, as far as it reads and the rates allow.
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

    /// Executes an extension's requests.
    mutating func carryOut(_ host: any ExtensionHost, in batch: inout SwarmBatch) {
        if host === extensions.content { followContent(in: &batch) }
        for output in host.takeOutputs() {
            switch output {
            case .send(let slot): sendNext(of: host, to: slot, in: &batch)
            case .store(let piece, let bytes): store(bytes, as: piece, in: &batch)
            case .found(let found, let slot): handleFound(found, by: slot, in: &batch)
            case .dial(let endpoint, let kind, let slot): dial(endpoint, over: kind, namedBy: slot, in: &batch)
            case .misbehaved(let slot, let misbehaviour): misbehave(misbehaviour, by: slot, in: &batch)
            case .report(let report): batch.add(.extensionReport(host.name, report))
            }
        }
    }

    /// Handles endpoints that a peer has named. They are dialled at the tick: choosing among all known ones costs more
    /// than adding one.
    private mutating func handleFound(_ found: [FoundPeer], by slot: PeerSlot, in batch: inout SwarmBatch) {
        let fit = found.filter { remember($0.endpoint, isSaidToSeed: $0.isSeed, namedBy: slot, at: batch.now) }
        guard !fit.isEmpty else { return }
        work.add(extensions.all.count)
        for (_, host) in extensions.all {
            host.handleNamed(fit, by: slot, at: batch.now)
            carryOut(host, in: &batch)
        }
    }

    /// Dials an endpoint that a peer has named, outside of its turn.
    private mutating func dial(
        _ endpoint: PeerEndpoint,
        over kind: TransportKind,
        namedBy slot: PeerSlot,
        in batch: inout SwarmBatch
    ) {
        guard hasStarted, hasRoomToDial, remember(endpoint, namedBy: slot, at: batch.now),
            list.handleDialBegun(endpoint)
        else { return }
        dialing.insert(endpoint)
        batch.add(.dialOver(kind, endpoint))
    }

    /// Remembers an endpoint that a peer has named. Returns false if it must not be dialled.
    private mutating func remember(
        _ endpoint: PeerEndpoint,
        isSaidToSeed: Bool = false,
        namedBy slot: PeerSlot,
        at now: Instant
    ) -> Bool {
        guard content?.isPrivate != true, let teller = peers[slot]?.endpoint.address else { return false }
        let address = endpoint.address
        // A remote peer cannot know what is in this machine's networks, and must not make us contact it.
        guard !address.isPrivate || teller.isPrivate, !address.isThisMachine || teller.isThisMachine else {
            return false
        }
        return list.handleFound(
            endpoint,
            from: address.group == teller.group ? .incoming : .pex,
            isSaidToSeed: isSaidToSeed,
            by: teller.group,
            at: now
        )
    }

    /// Handles a dial that has failed.
    mutating func tellExtensionsOfUnreachable(_ endpoint: PeerEndpoint, in batch: inout SwarmBatch) {
        for (_, host) in extensions.all {
            host.handleUnreachable(endpoint, at: batch.now)
            carryOut(host, in: &batch)
        }
    }
}
