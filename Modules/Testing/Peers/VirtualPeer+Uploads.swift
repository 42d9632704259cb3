// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheSwarm
internal import RucheWire

/// Uploads, honest or not.
extension VirtualPeer {
    func pumpUploads(_ socket: PeerSocket) {
        guard let slot = socket.slot else { return }
        switch conduct {
        case .freeRider: while core.nextUpload(for: slot) != nil {}
        case .mute: while core.nextUpload(for: slot) != nil {}
        case .liar: rejectAll(socket, slot)
        case .staller: stall(socket, slot)
        case .overwriter: overwrite(socket, slot)
        default:
            while socket.stream.isWritable, let block = core.nextUpload(for: slot) { upload(block, socket, slot) }
        }
    }

    private func upload(_ block: BlockRequest, _ socket: PeerSocket, _ slot: PeerSlot) {
        var message = ByteBuffer()
        message.reserveCapacity(BlockRequest.blockHeaderByteCount + Int(block.length))
        block.encodeBlockHeader(into: &message)
        guard read(block, into: &message) else {
            return tell { $0.handleUnreadable(block, for: slot, in: &$1) }
        }
        if case .poisoner(let share) = conduct, Double.random(in: 0..<1, using: &random) < share {
            corrupt(&message)
        }
        socket.write(message)
        tell { $0.handleUploaded(block, to: slot, in: &$1) }
    }

    private func read(_ block: BlockRequest, into message: inout ByteBuffer) -> Bool {
        guard !conduct.claimsEverything else {
            let data = torrent.data(of: block.piece)
            let start = data.startIndex + Int(block.offset)
            message.writeBytes(data[start..<start + Int(block.length)])
            return true
        }
        var isRead = false
        message.writeWithUnsafeMutableBytes(minimumWritableBytes: Int(block.length)) { out in
            let out = UnsafeMutableRawBufferPointer(rebasing: out[..<Int(block.length)])
            isRead = (try? store.read(piece: block.piece, offset: Int(block.offset), into: out)) != nil
            return out.count
        }
        return isRead
    }

    private func corrupt(_ message: inout ByteBuffer) {
        let index = Int.random(in: BlockRequest.blockHeaderByteCount..<message.readableBytes, using: &random)
        let byte: UInt8 = message.getInteger(at: index) ?? 0
        message.setInteger(byte ^ UInt8.random(in: 1...255, using: &random), at: index)
    }

    private func rejectAll(_ socket: PeerSocket, _ slot: PeerSlot) {
        while let block = core.nextUpload(for: slot) { socket.enqueue(.reject(block)) }
        markDirty(socket)
    }

    private func stall(_ socket: PeerSocket, _ slot: PeerSlot) {
        guard !socket.isStalling else { return }
        socket.isStalling = true
        let life = life
        network.schedule(after: .seconds(40)) { [weak self, weak socket] in
            guard let self, let socket, self.life == life else { return }
            socket.isStalling = false
            guard socket.slot == slot, let block = core.nextUpload(for: slot) else { return }
            upload(block, socket, slot)
            if core.hasUploads(for: slot) { stall(socket, slot) }
        }
    }

    /// A block, changed and short of its last byte; the byte, and the next block, once others have sent the block too.
    private func overwrite(_ socket: PeerSocket, _ slot: PeerSlot) {
        guard !socket.isStalling, let block = core.nextUpload(for: slot) else { return }
        socket.isStalling = true
        var message = ByteBuffer()
        block.encodeBlockHeader(into: &message)
        guard read(block, into: &message) else { return }
        corrupt(&message)
        let last = message.getSlice(at: message.writerIndex - 1, length: 1)
        socket.write(message.getSlice(at: message.readerIndex, length: message.readableBytes - 1) ?? ByteBuffer())
        tell { $0.handleUploaded(block, to: slot, in: &$1) }
        let life = life
        network.schedule(after: .seconds(3)) { [weak self, weak socket] in
            guard let self, let socket, self.life == life, let last else { return }
            socket.isStalling = false
            guard socket.slot == slot else { return }
            socket.write(last)
            overwrite(socket, slot)
        }
    }

    /// Starts the attack of hostile peers, right after the handshake.
    func harass(_ socket: PeerSocket) {
        switch conduct {
        case .garbage:
            socket.stream.write(ByteBuffer(bytes: random.nextBytes(count: 2_000)))
        case .flooder: flood(socket, life: life)
        case .inquirer: inquire(socket, life: life)
        default: break
        }
    }

    private func flood(_ socket: PeerSocket, life: Int) {
        guard self.life == life, socket.slot != nil else { return }
        let geometry = torrent.info.geometry
        for _ in 0..<200 {
            let piece = PieceIndex(Int.random(in: 0..<geometry.pieceCount, using: &random))
            socket.enqueue(.request(geometry.block(0, of: piece)))
        }
        socket.flush()
        network.schedule(after: .milliseconds(500)) { [weak self, weak socket] in
            guard let self, let socket else { return }
            flood(socket, life: life)
        }
    }

    private func inquire(_ socket: PeerSocket, life: Int) {
        guard self.life == life, socket.slot != nil else { return }
        let root = torrent.info.files.first?.root ?? SHA256Digest()
        let hashes = HashRequest(root: root, baseLayer: 0, index: 0, length: 2, proofLayers: 0)
        let part = MetadataMessage.request(piece: 0).encoded()
        for _ in 0..<50 {
            socket.enqueue(.extended(id: 1, payload: part))
            socket.enqueue(.hashRequest(hashes))
            for message in [PeerMessage.interested, .notInterested, .unchoke, .choke, .have(PieceIndex(0))] {
                socket.enqueue(message)
            }
        }
        socket.flush()
        network.schedule(after: .milliseconds(500)) { [weak self, weak socket] in
            guard let self, let socket else { return }
            inquire(socket, life: life)
        }
    }
}
