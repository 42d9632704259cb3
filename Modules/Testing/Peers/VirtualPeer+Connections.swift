// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheSwarm
internal import RucheWire

/// Opening, handshakes and closing of connections.
extension VirtualPeer {
    func dial(_ endpoint: PeerEndpoint) {
        let life = life
        let result: VirtualNetwork.DialResult = { [weak self] stream in
            guard let self, self.life == life else { return stream?.cut() ?? () }
            guard let stream else {
                tell { $0.handleDialFailed(endpoint, in: &$1) }
                return drain()
            }
            let socket = open(stream)
            let handshake = core.makeHandshake(for: core.identity.hashes.wireHashes[0])
            if core.withholdsID(from: endpoint) {
                socket.enqueuePreamble(of: handshake)
            } else {
                greet(socket, handshake)
            }
            socket.flush()
        }
        guard usesUTP else { return host.dial(endpoint, result) }
        network.dialByDatagram(endpoint, from: host, port: port, result)
    }

    func accept(_ stream: VirtualStream) {
        guard isRunning, sockets.count < limits.peersPerTorrent * 2 else { return stream.close() }
        _ = open(stream)
    }

    private func open(_ stream: VirtualStream) -> PeerSocket {
        let socket = PeerSocket(stream, self)
        stream.handler = socket
        sockets.append(socket)
        if let info = core.content?.torrent?.info { socket.setPieceCount(info.geometry.pieceCount) }
        let life = life
        network.schedule(after: SwarmTiming.handshake) { [weak self, weak socket] in
            guard let self, let socket, self.life == life, socket.slot == nil else { return }
            guard sockets.contains(where: { $0 === socket }) else { return }
            socket.close()
            handleClosed(socket)
        }
        return socket
    }

    func handlePreamble(_ preamble: Handshake.Preamble, _ socket: PeerSocket) {
        guard socket.stream.isIncoming else { return }
        guard let answer = core.makeAnswer(to: preamble) else { return end(socket) }
        greet(socket, answer)
    }

    func handleHandshake(_ handshake: Handshake, _ socket: PeerSocket) {
        guard core.identity.hashes.wireHashes.contains(handshake.infoHash) else { return end(socket) }
        let introduction = PeerIntroduction(
            endpoint: socket.remote,
            isIncoming: socket.stream.isIncoming,
            handshake: handshake,
            speaksV2: core.speaksV2(after: handshake, isIncoming: socket.stream.isIncoming),
            isNamed: socket.withheld == nil,
            usesUTP: usesUTP
        )
        let enrolled = tell { $0.handleConnected(introduction, in: &$1) }
        guard let slot = enrolled else { return forget(socket) }
        socket.enqueueWithheldID()
        socket.slot = slot
        socketsBySlot[slot] = socket
        drain()
        harass(socket)
    }

    /// Closes a connection whose handshake is unusable. If we dialled it, the dial has failed.
    private func end(_ socket: PeerSocket) {
        socket.close()
        handleClosed(socket)
    }

    private func forget(_ socket: PeerSocket) {
        socket.close()
        sockets.removeAll { $0 === socket }
    }

    func handleProtocolError(_ error: PeerProtocolError, _ socket: PeerSocket) {
        if let slot = socket.slot {
            let misbehaviour: Misbehaviour = error.code == .badLength ? .oversize : .garbage
            tell { $0.handleMisbehaviour(misbehaviour, by: slot, in: &$1) }
        }
        socket.stream.close()
        handleClosed(socket)
    }

    func handleClosed(_ socket: PeerSocket) {
        guard let index = sockets.firstIndex(where: { $0 === socket }) else { return }
        sockets.remove(at: index)
        let slot = socketsBySlot.first { $1 === socket }?.key
        socket.slot = nil
        if let slot {
            socketsBySlot[slot] = nil
            tell { $0.handleClosed(slot, in: &$1) }
        } else if !socket.stream.isIncoming {
            tell { $0.handleDialFailed(socket.remote, in: &$1) }
        }
        drain()
    }

    func disconnect(_ slot: PeerSlot, _ reason: DisconnectReason) {
        disconnects[reason.name, default: 0] += 1
        guard let socket = socketsBySlot.removeValue(forKey: slot) else { return }
        forget(socket)
    }

    func handleMessage(_ message: PeerMessage, from slot: PeerSlot) {
        tell { $0.handleMessage(message, from: slot, in: &$1) }
    }

    func handleTaken(_ byteCount: Int, by slot: PeerSlot) {
        tell { $0.handleTaken(byteCount, by: slot, in: &$1) }
    }

    private func greet(_ socket: PeerSocket, _ handshake: Handshake) {
        socket.enqueue(handshake)
        markDirty(socket)
    }
}

extension DisconnectReason {
    /// The reason without its details.
    fileprivate var name: String {
        switch self {
        case .misbehaviour(let misbehaviour): misbehaviour.rawValue
        default: "\(self)"
        }
    }
}
