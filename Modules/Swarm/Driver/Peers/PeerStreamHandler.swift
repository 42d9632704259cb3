// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore
internal import RucheTransport
internal import RucheWire

/// One peer's stream: bytes to messages and back, blocks to their place.
///
/// Owner: the stream, as its sink, and its `SwarmDriver` while it is open. It has no protocol state of its own except
/// the frame that is being read: the core decides what anything means.
final class PeerStreamHandler: PeerStreamSink, Positioned, @unchecked Sendable {  // confined to its driver's loop
    let connection: PeerConnection
    /// The core's slot for this peer; nil before the handshake and after the end.
    var slot: PeerSlot?
    /// How the core names it until then; nil afterwards.
    var opening: OpeningID?
    /// Its position among the connections of the driver.
    var position: Int?
    /// The slot under which the driver finds it. It outlives `slot` until the stream has closed.
    var enrolled: PeerSlot?
    /// The handshake of which everything except our peer id was sent.
    private(set) var withheld: Handshake?
    /// Bytes of blocks that were requested from the disk or written to the stream, and not yet accepted by it.
    var sendingByteCount = 0
    /// It is in the driver's list of streams to flush.
    var isDirty = false
    /// Blocks are being read for it, further up the stack.
    var isPumping = false
    /// It waits for the upload limit.
    var isWaitingForUploadBudget = false

    private let driver: SwarmDriver
    private var link = PeerLink()
    private var arriving: ArrivingBlock?
    private var outgoing = ByteBuffer()
    /// Bytes of messages that were written, and that the core does not yet know to be accepted by the stream.
    private var unreportedByteCount = 0
    /// Writes that are reported when the stream has accepted them, in order.
    private var unreported: Deque<Written> = []
    private var isClosed = false
    private var isReadHeld = false
    /// The core was told that a message is not whole.
    private var isUnfinished = false

    /// A reported write.
    private enum Written {
        case blocks(SendBuffer, byteCount: Int)
        case messages(byteCount: Int)
    }

    init(_ connection: PeerConnection, driver: SwarmDriver) {
        self.connection = connection
        self.driver = driver
    }

    private var stream: any PeerStream { connection.stream }

    var isWritable: Bool { !isClosed && stream.isWritable }

    // MARK: - Life

    func handleClosed() {
        isClosed = true
        driver.handleClosed(self)
        connection.handleClosed()
    }

    func handleWritable() { driver.handleWritable(self) }

    func close() {
        slot = nil
        arriving = nil
        flush()
        isClosed = true
        stream.close()
    }

    // MARK: - Reading

    func setPieceCount(_ count: Int) { link.setPieceCount(count) }

    /// Requests more bytes, unless the download limit is used up. Under a limit little is read at once, so that it is
    /// not exceeded by a socket's whole buffer.
    private func read() {
        guard !isClosed else { return }
        guard driver.mayRead(self) else {
            isReadHeld = true
            return
        }
        stream.read(driver.budget.isReceivingLimited ? .single : .batch)
    }

    /// Continues reading, because the download limit has room again.
    func resumeReading() {
        guard isReadHeld else { return }
        isReadHeld = false
        read()
    }

    func handleReceived(_ bytes: ByteBuffer) {
        guard !isClosed else { return }
        var input = bytes
        let now = driver.now
        driver.handleReceived(input.readableBytes)
        var hasProgressed = false
        do {
            while let output = try link.next(from: &input) {
                hasProgressed = hasProgressed || output.endsMessage
                switch output {
                case .preamble(let preamble): driver.handlePreamble(preamble, self)
                case .handshake(let handshake): driver.handleHandshake(handshake, self, at: now)
                case .frame(let frame): handle(frame, &input, at: now)
                }
                guard !isClosed else { return }
            }
        } catch {
            return driver.handleProtocolError(error, self, at: now)
        }
        noteUnfinished(hasProgressed, at: now)
    }

    /// Tells the core whether a message has begun to come and is not whole yet.
    private func noteUnfinished(_ hasProgressed: Bool, at now: Instant) {
        let wasUnfinished = isUnfinished
        isUnfinished = !link.isBetweenMessages
        guard let slot, hasProgressed || isUnfinished != wasUnfinished else { return }
        driver.core.handleUnfinished(since: isUnfinished ? now : nil, from: slot)
    }

    func handleReadDone() {
        driver.drain()
        read()
    }

    private func handle(_ frame: MessageFramer.Output, _ input: inout ByteBuffer, at now: Instant) {
        switch frame {
        case .message(let message):
            if let slot { driver.handleMessage(message, from: slot, at: now) }
        case .block(let block):
            arriving = ArrivingBlock(block, from: slot, to: driver)
            if block.length == 0 { finishArriving(at: now) }
        case .payload(let count, let isLast):
            take(count, from: &input)
            if isLast { finishArriving(at: now) }
        }
    }

    private func take(_ count: Int, from input: inout ByteBuffer) {
        input.withUnsafeReadableBytes { bytes in
            arriving?.take(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: driver)
        }
        input.moveReaderIndex(forwardBy: count)
    }

    private func finishArriving(at now: Instant) {
        guard let finished = arriving, let slot else { return }
        arriving = nil
        finished.finish(from: slot, to: driver, at: now)
    }

    // MARK: - Writing

    func enqueue(_ message: PeerMessage) {
        let before = outgoing.readableBytes
        message.encode(into: &outgoing)
        unreportedByteCount += outgoing.readableBytes - before
    }

    func enqueue(_ handshake: Handshake) { handshake.encode(into: &outgoing) }

    /// Writes all of a handshake except our peer id.
    func enqueuePreamble(of handshake: Handshake) {
        handshake.preamble.encode(into: &outgoing)
        withheld = handshake
    }

    /// Writes our peer id, if it was withheld.
    func enqueueWithheldID() {
        withheld?.encodePeerID(into: &outgoing)
        withheld = nil
    }

    /// Writes blocks with their headers, as one run of bytes. The driver gets the buffer back once the stream has
    /// accepted it.
    func write(_ buffer: SendBuffer, byteCount: Int) {
        writeOutgoing()
        unreported.append(.blocks(buffer, byteCount: byteCount))
        stream.write(buffer.bytes, tag: Self.tag)
    }

    func flush() {
        isDirty = false
        guard !isClosed else { return }
        writeOutgoing()
        stream.flush()
    }

    private func writeOutgoing() {
        guard !isClosed, outgoing.readableBytes > 0 else { return }
        stream.write(outgoing, tag: noteReport() ? Self.tag : nil)
        // The stream owns it now; a peer that is sent nothing uses no memory.
        outgoing = ByteBuffer()
    }

    /// Returns whether the core is told when the stream has accepted what was written so far. Only a certain number of
    /// bytes is reported, so that frequent messages cost nothing.
    private func noteReport() -> Bool {
        guard unreportedByteCount >= Self.reportedByteCount else { return false }
        unreported.append(.messages(byteCount: unreportedByteCount))
        unreportedByteCount = 0
        return true
    }

    func handleWritten(_ tag: UInt32) {
        switch unreported.popFirst() {
        case .blocks(let buffer, let byteCount): driver.handleSent(buffer, byteCount, by: self)
        case .messages(let byteCount): if stream.isOpen { driver.handleTaken(byteCount, by: self) }
        case nil: break
        }
    }

    /// Tags come back in order, so `unreported` says which write each of them is for.
    private static let tag: UInt32 = 0
    /// Bytes of messages between two reports to the core.
    private static let reportedByteCount = 16 << 10
}

extension PeerLink.Output {
    /// Whether a message is complete with this.
    fileprivate var endsMessage: Bool {
        switch self {
        case .handshake, .frame(.message), .frame(.payload(_, isLast: true)): true
        case .preamble, .frame(.block), .frame(.payload): false
        }
    }
}
