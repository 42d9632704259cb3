// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheCrypto
internal import RucheTransport
internal import RucheWire

/// Opening, handshaking and closing connections.
extension SwarmDriver {
    /// Dials over every transport, unless `kind` names one.
    func dial(_ endpoint: PeerEndpoint, over kind: TransportKind? = nil) {
        let dialled = environment.dialer.dial(
            endpoint,
            infoHash: core.identity.hashes.wireHashes[0],
            afterFailures: core.failureCount(of: endpoint),
            over: kind,
            on: loop,
            configure: makeConfigure()
        )
        dialled.whenFailure { [self] error in
            logger.debug("cannot connect to \(endpoint): \(error)")
            handleDialEnded(endpoint, isDeferred: (error as? TransportError)?.isWantOfOurs == true)
            drain()
        }
    }

    private func handleDialEnded(_ endpoint: PeerEndpoint, isDeferred: Bool) {
        if isDeferred {
            tell { $0.handleDialDeferred(endpoint, in: &$1) }
        } else {
            tell { $0.handleDialFailed(endpoint, in: &$1) }
        }
    }

    /// Takes over an incoming connection for this torrent.
    func adopt(_ incoming: IncomingPeer) {
        loop.assertInEventLoop()
        guard core.hasStarted else { return incoming.reject() }
        adoptionCount += 1
        incoming.adopt(on: loop, configure: makeConfigure()).whenComplete { [self] result in
            adoptionCount -= 1
            if case .failure(let error) = result { logger.debug("cannot adopt \(incoming.remote): \(error)") }
        }
    }

    private func makeConfigure() -> PeerConnection.Configure {
        { [self] connection in
            let handler = PeerStreamHandler(connection, driver: self)
            connection.stream.attach(handler)
            handleOpened(handler)
            return handler
        }
    }

    private func handleOpened(_ handler: PeerStreamHandler) {
        handlers.insert(handler)
        if let info = core.content?.torrent?.info { handler.setPieceCount(info.geometry.pieceCount) }
        if !handler.connection.isIncoming {
            let handshake = core.makeHandshake(for: handler.connection.infoHash)
            if core.withholdsID(from: handler.connection.remote) {
                handler.enqueuePreamble(of: handshake)
            } else {
                greet(handler, handshake)
            }
            handler.flush()
        }
        loop.scheduleTask(in: TimeAmount(SwarmTiming.handshake)) { [self, weak handler] in
            guard let handler, handler.slot == nil, handlers.contains(handler) else { return }
            offenders.note(handler.connection.remote, "it did not finish its handshake in time")
            handler.close()
        }
    }

    /// Handles the preamble, which names a torrent: the peer may wait for our answer before it sends its id.
    func handlePreamble(_ preamble: Handshake.Preamble, _ handler: PeerStreamHandler) {
        guard handler.connection.isIncoming else { return }
        guard let answer = core.makeAnswer(to: preamble) else { return handler.close() }
        greet(handler, answer)
    }

    func handleHandshake(_ handshake: Handshake, _ handler: PeerStreamHandler, at now: Instant) {
        guard core.identity.hashes.wireHashes.contains(handshake.infoHash) else { return handler.close() }
        let introduction = PeerIntroduction(
            endpoint: handler.connection.remote,
            isIncoming: handler.connection.isIncoming,
            handshake: handshake,
            speaksV2: core.speaksV2(after: handshake, isIncoming: handler.connection.isIncoming),
            isNamed: handler.withheld == nil,
            usesUTP: handler.connection.stream.facts.kind == .utp
        )
        let enrolled = tell(at: now) { $0.handleConnected(introduction, in: &$1) }
        guard let slot = enrolled else { return handler.close() }
        logger.debug("connected to \(handler.connection.remote) (\(handshake.peerID))")
        handler.enqueueWithheldID()
        handler.connection.place.note(.idle)
        handler.slot = slot
        handler.enrolled = slot
        handlersBySlot[slot] = handler
        drain()
    }

    func handleProtocolError(_ error: PeerProtocolError, _ handler: PeerStreamHandler, at now: Instant) {
        offenders.note(handler.connection.remote, "it sent garbage: \(error)")
        if let slot = handler.slot {
            let misbehaviour: Misbehaviour = error.code == .badLength ? .oversize : .garbage
            tell(at: now) { $0.handleMisbehaviour(misbehaviour, by: slot, in: &$1) }
        }
        handler.close()
        handleClosed(handler)
    }

    /// Drops peers that send a message byte by byte: they hold a place and give nothing.
    func dropDribblers(at now: Instant) {
        for handler in handlers.all {
            guard let since = handler.unfinishedSince, now - since > SwarmTiming.message else { continue }
            offenders.note(handler.connection.remote, "it takes too long over one message")
            handler.close()
            handleClosed(handler)
        }
    }

    func handleClosed(_ handler: PeerStreamHandler) {
        guard handlers.remove(handler) else { return }
        let hasYielded = handler.connection.place.hasYielded
        handler.slot = nil
        if let slot = handler.enrolled {
            handler.enrolled = nil
            handlersBySlot[slot] = nil
            tell { $0.handleClosed(slot, hasYielded: hasYielded, in: &$1) }
        } else if !handler.connection.isIncoming {
            handleDialEnded(handler.connection.remote, isDeferred: hasYielded)
        }
        drain()
    }

    func disconnect(_ slot: PeerSlot, _ reason: DisconnectReason) {
        if let seed = webSeedsBySlot.removeValue(forKey: slot) { return disconnect(seed, reason) }
        guard let handler = handlersBySlot.removeValue(forKey: slot) else { return }
        handler.enrolled = nil
        handlers.remove(handler)
        // It may have delayed us until others delivered what it owed, so its offence is recorded.
        if let since = handler.unfinishedSince, Instant.now - since > SwarmTiming.slowMessage {
            offenders.note(handler.connection.remote, "it takes long over one message")
        }
        switch reason {
        case .misbehaviour(let misbehaviour):
            offenders.note(handler.connection.remote, "dropped for \(misbehaviour.rawValue)")
        default:
            logger.debug("closed the connection to \(handler.connection.remote): \(reason)")
        }
        handler.close()
    }

    private func greet(_ handler: PeerStreamHandler, _ handshake: Handshake) {
        handler.enqueue(handshake)
        markDirty(handler)
    }
}
