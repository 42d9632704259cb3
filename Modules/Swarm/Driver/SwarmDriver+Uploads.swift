// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// The way of an outgoing block: from the peer's queue, through one read for many blocks, to its socket.
extension SwarmDriver {
    func handleWritable(_ handler: PeerStreamHandler) { pumpUploads(handler) }

    /// Reads ahead for a peer as far as its share of memory and the rate limits allow: at once what the system has in
    /// memory, and on the blocking pool what is on the disk.
    func pumpUploads(_ handler: PeerStreamHandler) {
        // What is sent at once leads back here, while the loop below goes on.
        guard let slot = handler.slot, disk != nil, !handler.isPumping else { return }
        handler.isPumping = true
        defer { handler.isPumping = false }
        handler.isWaitingForUploadBudget = false
        while core.hasUploads(for: slot), hasRoomToSend(handler) {
            let blocks = nextBatch(for: slot, handler)
            guard !blocks.isEmpty else { return }
            read(blocks, for: slot, handler)
        }
    }

    private func hasRoomToSend(_ handler: PeerStreamHandler) -> Bool {
        handler.isWritable && handler.sendingByteCount < environment.limits.sendBufferBytesPerPeer
            && (sendingByteCount < environment.limits.sendBufferBytesPerLoop || handler.sendingByteCount == 0)
    }

    private func nextBatch(for slot: PeerSlot, _ handler: PeerStreamHandler) -> [BlockRequest] {
        var blocks: [BlockRequest] = []
        let now = now
        while blocks.count < SendBuffer.blockCount, core.hasUploads(for: slot) {
            guard budget.maySend(Block.byteCount, at: now) else {
                handler.isWaitingForUploadBudget = true
                awaitBudget()
                break
            }
            guard let block = core.nextUpload(for: slot) else { break }
            if health.isDoubted(block.piece) {
                tell { $0.handleUnreadable(block, for: slot, in: &$1) }
            } else {
                blocks.append(block)
            }
        }
        return blocks
    }

    private func read(_ blocks: [BlockRequest], for slot: PeerSlot, _ handler: PeerStreamHandler) {
        guard let disk else { return }
        let byteCount = blocks.reduce(0) { $0 + $1.messageByteCount }
        let buffer = sendBuffers.take()
        handler.sendingByteCount += byteCount
        sendingByteCount += byteCount
        if disk.readAtOnce(blocks, into: &buffer.bytes) {
            return handleRead(.success(()), blocks, buffer, byteCount, for: slot, handler)
        }
        submit {
            try disk.read(blocks, into: &buffer.bytes)
        } then: { [self] in
            handleRead($0, blocks, buffer, byteCount, for: slot, handler)
        }
    }

    private func handleRead(
        _ result: Result<Void, any Error>,
        _ blocks: [BlockRequest],
        _ buffer: SendBuffer,
        _ byteCount: Int,
        for slot: PeerSlot,
        _ handler: PeerStreamHandler
    ) {
        let isThere = handler.slot == slot
        switch result {
        case .success where isThere:
            let now = now
            for block in blocks { tell(at: now) { $0.handleUploaded(block, to: slot, in: &$1) } }
            handler.write(buffer, byteCount: byteCount)
            markDirty(handler)
        case .failure(let error):
            if isThere { for block in blocks { tell { $0.handleUnreadable(block, for: slot, in: &$1) } } }
            handleUnreadable(blocks, error)
            release(buffer, byteCount, handler)
        case .success:
            release(buffer, byteCount, handler)
        }
        drain()
    }

    /// Handles a batch of blocks that the stream has accepted, or a closed stream.
    func handleSent(_ buffer: SendBuffer, _ byteCount: Int, by handler: PeerStreamHandler) {
        release(buffer, byteCount, handler)
    }

    private func release(_ buffer: SendBuffer, _ byteCount: Int, _ handler: PeerStreamHandler) {
        sendBuffers.giveBack(buffer)
        handler.sendingByteCount -= byteCount
        sendingByteCount -= byteCount
        pumpUploads(handler)
    }
}
