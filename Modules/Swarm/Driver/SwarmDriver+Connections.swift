// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheCrypto
package import RucheTransport
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
    package func adopt(_ incoming: IncomingPeer) {
        loop.assertInEventLoop()
        guard core.connections.hasStarted else { return incoming.reject() }
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
        let connection = handler.connection
        let (id, greeting) = tell {
            $0.handleOpened(
                connection.remote,
                isIncoming: connection.isIncoming,
                usesUTP: connection.stream.facts.kind == .utp,
                for: connection.infoHash,
                in: &$1
            )
        }
        handler.opening = id
        openings[id] = handler
        switch greeting {
        case .none: return
        case .handshake(let handshake): handler.enqueue(handshake)
        case .preamble(let handshake): handler.enqueuePreamble(of: handshake)
        }
        handler.flush()
    }

    /// Handles the preamble, which names a torrent: the peer may wait for our answer before it sends its id.
    func handlePreamble(_ preamble: Handshake.Preamble, _ handler: PeerStreamHandler) {
        switch core.reply(to: preamble, isIncoming: handler.connection.isIncoming) {
        case .none: break
        case .answer(let handshake): greet(handler, handshake)
        case .refuse: handler.close()
        }
    }

    func handleHandshake(_ handshake: Handshake, _ handler: PeerStreamHandler, at now: Instant) {
        guard let id = handler.opening else { return handler.close() }
        handler.opening = nil
        openings[id] = nil
        guard let slot = tell(at: now, { $0.handleHandshake(handshake, on: id, in: &$1) }) else {
            return handler.close()
        }
        logger.debug("connected to \(handler.connection.remote) (\(handshake.peerID))")
        handler.enqueueWithheldID()
        handler.connection.place.note(.idle)
        handler.slot = slot
        handler.enrolled = slot
        handlersBySlot[slot] = handler
        drain()
    }

    /// Closes a connection whose handshakes take too long.
    func giveUp(_ id: OpeningID) {
        guard let handler = openings.removeValue(forKey: id) else { return }
        handler.opening = nil
        offenders.note(handler.connection.remote, "it did not finish its handshake in time")
        handler.close()
    }

    func handleProtocolError(_ error: PeerProtocolError, _ handler: PeerStreamHandler, at now: Instant) {
        offenders.note(handler.connection.remote, "it sent garbage: \(error)")
        if let slot = handler.slot { tell(at: now) { $0.handleProtocolError(error, by: slot, in: &$1) } }
        handler.close()
        handleClosed(handler)
    }

    func handleClosed(_ handler: PeerStreamHandler) {
        guard handlers.remove(handler) else { return }
        let hasYielded = handler.connection.place.hasYielded
        handler.slot = nil
        if let slot = handler.enrolled {
            handler.enrolled = nil
            handlersBySlot[slot] = nil
            tell { $0.handleClosed(slot, hasYielded: hasYielded, in: &$1) }
        } else if let id = handler.opening {
            handler.opening = nil
            openings[id] = nil
            tell { $0.handleOpeningEnded(id, hasYielded: hasYielded, in: &$1) }
        }
        drain()
    }

    func disconnect(_ slot: PeerSlot, _ reason: DisconnectReason) {
        if let seed = webSeedsBySlot.removeValue(forKey: slot) { return disconnect(seed, reason) }
        guard let handler = handlersBySlot.removeValue(forKey: slot) else { return }
        handler.enrolled = nil
        handlers.remove(handler)
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
