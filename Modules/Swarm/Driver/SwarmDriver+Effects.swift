// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import RucheDHT
internal import RucheTransport
package import RucheWire

/// Executes what the core asks for.
extension SwarmDriver {
    /// Executes the core's effects, then flushes each socket once. What sockets accept at once may lead to more.
    package func drain() {
        guard !isDraining else { return }
        isDraining = true
        repeat {
            tell { $0.settle(in: &$1) }
            var index = 0
            while index < batch.effects.count {
                perform(batch.effects[index])
                index += 1
            }
            batch.removeAll()
            while let handler = dirty.popLast() { handler.flush() }
        } while !batch.effects.isEmpty
        isDraining = false
    }

    func markDirty(_ handler: PeerStreamHandler) {
        guard !handler.isDirty else { return }
        handler.isDirty = true
        dirty.append(handler)
    }

    private func perform(_ effect: SwarmEffect) {
        switch effect {
        case .send(let slot, let message): send(message, to: slot)
        case .upload(let slot): if let handler = handlersBySlot[slot] { pumpUploads(handler) }
        case .judge(let piece, let wantsDigests):
            judge(piece, wantsDigests: wantsDigests)
        case .discard(let piece): buffers?.discard(piece, to: &slabs)
        case .disconnect(let slot, let reason):
            disconnect(slot, reason)
        case .dial(let endpoint): dial(endpoint)
        case .dialOver(let kind, let endpoint): dial(endpoint, over: kind)
        case .giveUp(let id): giveUp(id)
        case .readLeaves(let slot, let request, let piece): readLeaves(of: piece, for: request, to: slot)
        case .makeTree(let root, let layer, let height): makeTree(of: root, layer, at: height)
        case .metadataComplete(let bytes): report(.metadata(bytes))
        case .judgeMetadata(let candidate, let parts): judgeMetadata(parts, of: candidate)
        case .pieceLayersComplete(let layers):
            disk?.learn(layers)
            report(.pieceLayers(layers))
        case .reading(let id, let news): handleReading(id, news)
        case .store(let piece, let bytes): store(bytes, as: piece)
        case .reshaped(let shape, let verifier):
            reshape(shape, verifier)
        case .shapeRefused(let shape):
            logger.error("the content broke the rules of shapes: \(shape)")
        case .extensionReport(let name, let report): extensionReaders[name]?(report)
        case .dhtNode(let endpoint): environment.dht?.add(node: endpoint)
        case .completed: report(.completed)
        case .contradiction(let piece): report(.contradiction(piece))
        case .misbehaved(let endpoint, let misbehaviour):
            offenders.note(endpoint, misbehaviour.rawValue)
        case .dribbled(let endpoint): offenders.note(endpoint, "it takes long over one message")
        case .snubbed(let endpoint):
            offenders.note(endpoint, "it owes us blocks and sends none in time")
        case .banned(let address):
            logger.warning("banned \(address)")
        case .standing(let slot, let isBusy): handlersBySlot[slot]?.connection.place.note(isBusy ? .busy : .idle)
        case .webSeedWrong(let number, let piece): handleWrong(piece, ofWebSeed: number)
        }
    }

    package func send(_ message: PeerMessage, to slot: PeerSlot) {
        guard let handler = handlersBySlot[slot] else {
            webSeedsBySlot[slot]?.send(message)
            return tell { $0.handleTaken(message.byteCount, by: slot, in: &$1) }
        }
        handler.enqueue(message)
        markDirty(handler)
    }

    /// Handles bytes of messages that the socket has accepted.
    func handleTaken(_ byteCount: Int, by handler: PeerStreamHandler) {
        guard let slot = handler.slot else { return }
        tell { $0.handleTaken(byteCount, by: slot, in: &$1) }
        drain()
    }
}
