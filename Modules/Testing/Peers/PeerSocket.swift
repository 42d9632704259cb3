// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheSwarm
internal import RucheWire

/// One connection of a virtual peer: bytes to messages and back.
///
/// Owner: its peer, until either end closes.
final class PeerSocket: VirtualStreamHandler {
    let stream: VirtualStream
    /// What we have dialled; for an incoming connection, where it came from.
    let remote: PeerEndpoint
    /// Where the core knows the peer; nil before the handshake and after the end.
    var slot: PeerSlot?
    var isDirty = false
    /// A staller lets this one wait.
    var isStalling = false

    private unowned let peer: VirtualPeer
    private var link = PeerLink()
    private var outgoing = ByteBuffer()
    /// Bytes of messages that the core has not been told are on their way.
    private var unreportedByteCount = 0
    private var arriving: (block: BlockRequest, received: Int, isWanted: Bool)?
    private var isClosed = false

    init(_ stream: VirtualStream, _ peer: VirtualPeer) {
        self.stream = stream
        self.peer = peer
        remote = stream.remote
    }

    // MARK: - In

    func setPieceCount(_ count: Int) { link.setPieceCount(count) }

    func handleBytes(_ bytes: ByteBuffer) {
        var input = bytes
        recheckArriving()
        do {
            while !isClosed, let output = try link.next(from: &input) {
                switch output {
                case .preamble(let preamble): peer.handlePreamble(preamble, self)
                case .handshake(let handshake): peer.handleHandshake(handshake, self)
                case .frame(let frame): handle(frame, &input)
                }
            }
        } catch {
            peer.handleProtocolError(error, self)
        }
        peer.drain()
    }

    func handleWritable() {
        reportTaken()
        peer.pumpUploads(self)
        peer.drain()
    }

    func handleClosed() {
        isClosed = true
        peer.handleClosed(self)
    }

    private func handle(_ frame: MessageFramer.Output, _ input: inout ByteBuffer) {
        switch frame {
        case .message(let message):
            if let slot { peer.handleMessage(message, from: slot) }
        case .block(let block):
            arriving = (block, 0, slot.map { peer.wants(block, from: $0) } ?? false)
            if block.length == 0 { finishArriving() }
        case .payload(let count, let isLast):
            take(count, from: &input)
            if isLast { finishArriving() }
        }
    }

    private func take(_ count: Int, from input: inout ByteBuffer) {
        defer { input.moveReaderIndex(forwardBy: count) }
        guard let current = arriving, current.isWanted else { return }
        peer.assembly?.withBytes(of: current.block) { place in
            input.withUnsafeReadableBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: place[current.received..<current.received + count])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
        }
        arriving?.received += count
    }

    private func finishArriving() {
        guard let finished = arriving else { return }
        arriving = nil
        guard let slot else { return }
        peer.handleBlock(finished.block, isKept: finished.isWanted, from: slot, remote.address)
    }

    /// Meanwhile another may have delivered the same block, and its piece be judged.
    private func recheckArriving() {
        guard let current = arriving, current.isWanted, let slot else { return }
        if !peer.wants(current.block, from: slot) { arriving?.isWanted = false }
    }

    // MARK: - Out

    func enqueue(_ message: PeerMessage) {
        message.encode(into: &outgoing)
        unreportedByteCount += message.byteCount
    }

    func enqueue(_ handshake: Handshake) { handshake.encode(into: &outgoing) }

    /// A block with its header, after what was enqueued before.
    func write(_ block: ByteBuffer) {
        flush()
        stream.write(block)
    }

    func flush() {
        isDirty = false
        guard outgoing.readableBytes > 0 else { return }
        stream.write(outgoing)
        outgoing = ByteBuffer()
        if stream.isWritable { reportTaken() }
    }

    /// The stream's window has room, so what was written before is on its way.
    private func reportTaken() {
        guard let slot, unreportedByteCount > 0 else { return }
        let byteCount = unreportedByteCount
        unreportedByteCount = 0
        peer.handleTaken(byteCount, by: slot)
    }

    func close() {
        isClosed = true
        slot = nil
        flush()
        stream.close()
    }
}
