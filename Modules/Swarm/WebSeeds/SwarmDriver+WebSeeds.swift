// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheCrypto
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// Web seeds among the peers.
extension SwarmDriver {
    /// Sets the HTTP URLs of the content. Call it before `start`; web seeds that are unknown here are used from the
    /// next tick on.
    func setWebSeeds(_ urls: [String]) {
        loop.assertInEventLoop()
        webSeedURLs = Array(urls.prefix(WebSeedLimits.perTorrent))
        for seed in webSeeds { seed.end() }
        webSeeds = []
    }

    func lookAfterWebSeeds(at now: Instant) {
        guard let info = core.content?.torrent?.info, !webSeedURLs.isEmpty else { return }
        if webSeeds.isEmpty, !core.isFinished {
            let files = WebSeedFiles(info)
            webSeeds = webSeedURLs.enumerated().map { number, url in
                WebSeedPeer(url, number: number, files, driver: self)
            }
        }
        for seed in webSeeds { seed.handleTick(at: now) }
    }

    func endWebSeeds() {
        for seed in webSeeds { seed.end() }
        webSeeds = []
        webSeedsBySlot = [:]
    }

    /// Handles wrong bytes for a piece from a web seed, which is judged by its URL and file, never by its address.
    func handleWrong(_ piece: PieceIndex, ofWebSeed number: Int) {
        webSeeds.first { $0.number == number }?.handleWrong(piece)
    }

    /// Presents a web seed to the core as a peer that has `pieces`; nil if the core does not want it.
    func connect(_ seed: WebSeedPeer, at endpoint: PeerEndpoint, having pieces: Bitfield) -> PeerSlot? {
        var random = SecureRandom()
        let handshake = Handshake(
            capabilities: .fast,
            infoHash: core.identity.hashes.wireHashes[0],
            peerID: PeerID(prefix: "-WS0001-", using: &random)
        )
        // Presented as incoming, because its endpoint is not that of a peer, and must not be dialled or shared.
        let introduction = PeerIntroduction(
            endpoint: endpoint,
            isIncoming: true,
            handshake: handshake,
            speaksV2: false,
            webSeed: seed.number
        )
        let now = now
        guard let slot = tell(at: now, { $0.handleConnected(introduction, in: &$1) }) else { return nil }
        webSeedsBySlot[slot] = seed
        let all = pieces.isComplete ? PeerMessage.haveAll : .bitfield(ByteBuffer(bytes: pieces.wireBytes))
        handleMessage(all, from: slot, at: now)
        handleMessage(.unchoke, from: slot, at: now)
        return slot
    }

    /// Handles the core's decision to disconnect a web seed.
    func disconnect(_ seed: WebSeedPeer, _ reason: DisconnectReason) {
        if case .misbehaviour(let misbehaviour) = reason {
            logger.warning("web seed \(seed.url): dropped for \(misbehaviour.rawValue)")
        }
        seed.handleDisconnected(reason)
    }

    /// Removes a failed web seed. Its blocks are requested from other peers.
    func forget(_ seed: WebSeedPeer, in slot: PeerSlot) {
        guard webSeedsBySlot.removeValue(forKey: slot) != nil else { return }
        tell { $0.handleClosed(slot, in: &$1) }
        drain()
    }

    /// Completes once the download limit allows more.
    func whenMayReceive() -> EventLoopFuture<Void> {
        if budget.mayReceive(at: now) { return loop.makeSucceededVoidFuture() }
        return loop.scheduleTask(in: TimeAmount(SwarmTiming.budget)) {}.futureResult
            .flatMap { [self] in whenMayReceive() }
    }
}
