// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheSwarm
internal import RucheWire

/// A connection of a virtual peer: turns bytes into messages and back.
///
/// Its peer owns it until either end closes.
final class PeerSocket: VirtualStreamHandler {
    let stream: VirtualStream
    /// The endpoint that we dialled; for an incoming connection, its source.
    let remote: PeerEndpoint
    /// The peer's slot in the core; nil before the handshake and after the end.
    var slot: PeerSlot?
    /// The handshake of which everything except our peer id was sent.
    private(set) var withheld: Handshake?
    var isDirty = false
    /// A staller is waiting to send the next block on this connection.
    var isStalling = false

    private unowned let peer: VirtualPeer
    private var link = PeerLink()
    private var outgoing = ByteBuffer()
    /// Bytes of messages that have been written, and not yet reported to the core as sent.
    private var unreportedByteCount = 0
    private var arriving: (block: BlockRequest, arrival: BlockArrival?, received: Int)?
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
            arriving = (block, slot.flatMap { peer.handleBlockBegun(block, from: $0) }, 0)
            if block.length == 0 { finishArriving() }
        case .payload(let count, let isLast):
            take(count, from: &input)
            if isLast { finishArriving() }
        }
    }

    private func take(_ count: Int, from input: inout ByteBuffer) {
        defer { input.moveReaderIndex(forwardBy: count) }
        guard let current = arriving, let arrival = current.arrival else { return }
        peer.withPlace(of: arrival) { place in
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
        peer.handleBlock(finished.block, finished.arrival, from: slot, remote.address)
    }

    // MARK: - Out

    func enqueue(_ message: PeerMessage) {
        message.encode(into: &outgoing)
        unreportedByteCount += message.byteCount
    }

    func enqueue(_ handshake: Handshake) { handshake.encode(into: &outgoing) }

    /// Writes all of a handshake but our peer id.
    func enqueuePreamble(of handshake: Handshake) {
        handshake.preamble.encode(into: &outgoing)
        withheld = handshake
    }

    /// Writes our peer id, if it was withheld.
    func enqueueWithheldID() {
        withheld?.encodePeerID(into: &outgoing)
        withheld = nil
    }

    /// Writes a `piece` message after everything enqueued before.
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

    /// Handles that the stream's window has room, so that everything written before counts as sent.
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
