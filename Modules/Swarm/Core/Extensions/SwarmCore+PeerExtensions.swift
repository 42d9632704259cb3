// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheTransport
package import RucheWire

/// Extensions that are separate values: they get events, and their requests are executed.
extension SwarmCore {
    /// Adds an extension, and tells connected peers. Does nothing if there is one with its name, or there are too many.
    package mutating func attach(_ kind: ExtensionKind, in batch: inout SwarmBatch) {
        guard let (id, host) = extensions.add(kind, at: batch.now) else { return }
        carryOut(host, in: &batch)
        guard extensions.isOffered(host) else { return }
        var news = ExtendedHandshake()
        news.extensions[kind.name] = id
        let payload = news.encoded()
        for peer in peers.all(where: { $0.isExtended }) {
            peer.send(.extended(id: ExtendedHandshake.id, payload: payload), in: &batch)
            guard !peer.isGone else { continue }
            host.handleRemoteID(peer.extensions[kind.name], of: peer.slot, peer, at: batch.now)
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

    /// Handles new facts about the torrent.
    mutating func tellExtensionsOfSwarm() {
        extensions.handleSwarm(isPrivate: content?.isPrivate, ownEndpoint: connections.list.ownEndpoint)
    }

    /// Tells the content about a stored piece.
    mutating func tellContent(of piece: PieceIndex, in batch: inout SwarmBatch) {
        guard let host = extensions.content else { return }
        host.handleStored(piece, at: batch.now)
        carryOut(host, in: &batch)
    }

    // MARK: - Peers

    /// Handles a peer that has named extensions.
    mutating func handleRemoteExtensions(of peer: ConnectedPeer, in batch: inout SwarmBatch) {
        work.add(extensions.all.count)
        for (_, host) in extensions.offered {
            guard !peer.isGone else { return }
            host.handleRemoteID(peer.extensions[host.name], of: peer.slot, peer, at: batch.now)
            carryOut(host, in: &batch)
        }
        // It was kept until it had named its extensions.
        if isUseless(peer) { disconnect(peer, .bothComplete, in: &batch) }
    }

    mutating func handleExtensionMessage(
        _ payload: ByteBuffer,
        to host: any ExtensionHost,
        _ peer: ConnectedPeer,
        in batch: inout SwarmBatch
    ) {
        let misbehaviour = host.handleMessage(payload, from: peer.slot, peer, at: batch.now)
        carryOut(host, in: &batch)
        if let misbehaviour { misbehave(misbehaviour, by: peer, in: &batch) }
    }

    /// Handles a peer that has left.
    mutating func tellExtensionsOfLeft(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        for (_, host) in extensions.all {
            host.handleLeft(slot, at: batch.now)
            carryOut(host, in: &batch)
        }
    }

    /// Handles a dial that has failed.
    mutating func tellExtensionsOfUnreachable(_ endpoint: PeerEndpoint, in batch: inout SwarmBatch) {
        for (_, host) in extensions.all {
            host.handleUnreachable(endpoint, at: batch.now)
            carryOut(host, in: &batch)
        }
    }

    // MARK: - Time

    /// Wakes extensions that asked for it by now.
    mutating func wakeExtensions(in batch: inout SwarmBatch) {
        for (_, host) in extensions.all {
            guard let time = host.wakeAt, time <= batch.now else { continue }
            host.handleTimer(among: peers.all { !$0.isWebSeed }.map { PeerFacts($0) }, at: batch.now)
            carryOut(host, in: &batch)
        }
    }

    // MARK: - Sending

    /// Sends waiting messages to a peer, as far as it reads and the rates allow.
    mutating func serveExtensions(_ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard !peer.isGone, peer.extensions.hasBacklog else { return }
        var isBusy = false
        for (_, host) in extensions.all {
            sendNext(of: host, to: peer, in: &batch)
            host.handleRoom(peer.slot, at: batch.now)
            carryOut(host, in: &batch)
            isBusy = host.isBusy(peer.slot) || isBusy
        }
        peer.extensions.hasBacklog = isBusy
    }

    private func sendNext(of host: any ExtensionHost, to peer: ConnectedPeer, in batch: inout SwarmBatch) {
        while !peer.isGone, peer.answers.hasRoom, let message = host.nextMessage(for: peer.slot, at: batch.now) {
            peer.send(message, in: &batch)
        }
    }

    /// Executes an extension's requests.
    mutating func carryOut(_ host: any ExtensionHost, in batch: inout SwarmBatch) {
        if host === extensions.content { followContent(in: &batch) }
        for output in host.takeOutputs() {
            switch output {
            case .send(let slot): if let peer = peers[slot] { sendNext(of: host, to: peer, in: &batch) }
            case .store(let piece, let bytes): store(bytes, as: piece, in: &batch)
            case .found(let found, let slot): if let peer = peers[slot] { handleFound(found, by: peer, in: &batch) }
            case .dial(let endpoint, let kind, let slot):
                if let peer = peers[slot] { dial(endpoint, over: kind, namedBy: peer, in: &batch) }
            case .misbehaved(let slot, let misbehaviour): handleMisbehaviour(misbehaviour, by: slot, in: &batch)
            case .report(let report): batch.add(.extensionReport(host.name, report))
            }
        }
    }

    /// Handles endpoints that a peer has named. They are dialled at the tick: choosing among all known ones costs more
    /// than adding one.
    private mutating func handleFound(_ found: [FoundPeer], by peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard content?.isPrivate != true else { return }
        let fit = found.filter {
            connections.remember($0.endpoint, isSaidToSeed: $0.isSeed, namedBy: peer, at: batch.now)
        }
        guard !fit.isEmpty else { return }
        work.add(extensions.all.count)
        for (_, host) in extensions.all {
            host.handleNamed(fit, by: peer.slot, at: batch.now)
            carryOut(host, in: &batch)
        }
    }

    /// Dials an endpoint that a peer has named, outside of its turn.
    private mutating func dial(
        _ endpoint: PeerEndpoint,
        over kind: TransportKind,
        namedBy peer: ConnectedPeer,
        in batch: inout SwarmBatch
    ) {
        guard content?.isPrivate != true else { return }
        connections.dial(endpoint, over: kind, namedBy: peer, beside: peers.count, in: &batch)
    }
}
