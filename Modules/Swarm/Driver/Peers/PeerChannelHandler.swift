// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheTransport
internal import RucheWire

/// One peer's socket: bytes to messages and back, blocks to their place.
///
/// Owner: the pipeline, and its `SwarmDriver` while the peer has a slot. It keeps no protocol state of its own beyond
/// the frame that is being read: what anything means is the core's to say.
final class PeerChannelHandler: ChannelDuplexHandler, @unchecked Sendable {  // confined to its driver's loop
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let connection: PeerConnection
    /// Where the core knows this peer; nil before the handshake and after the end.
    var slot: PeerSlot?
    /// The handshake of which all but our peer id was sent.
    private(set) var withheld: Handshake?
    /// Bytes of blocks that were asked of the disk or written to the socket, and not yet taken by it.
    var sendingByteCount = 0
    /// It is in the driver's list of those to flush.
    var isDirty = false
    /// Blocks are being read for it, further up in the stack.
    var isPumping = false
    /// It waits for the upload limit.
    var isWaitingForUploadBudget = false

    /// When the message that is not whole yet began to come, or the last one before it ended.
    private(set) var unfinishedSince: Instant?

    private let driver: SwarmDriver
    private var link = PeerLink()
    private var arriving: ArrivingBlock?
    private var outgoing = ByteBuffer()
    /// Bytes of messages that were written, and of which the core has not been told that the socket took them.
    private var unreportedByteCount = 0
    private var context: ChannelHandlerContext?
    private var isReadHeld = false

    init(_ connection: PeerConnection, driver: SwarmDriver) {
        self.connection = connection
        self.driver = driver
    }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    // MARK: - Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // Under a limit little is read at once, so that it is not exceeded by a socket's whole buffer.
        if driver.budget.isReceivingLimited {
            try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
        }
        driver.handleOpened(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        driver.handleClosed(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { driver.handleWritable(self) }
        context.fireChannelWritabilityChanged()
    }

    func close() {
        slot = nil
        arriving = nil
        flush()
        context?.close(promise: nil)
    }

    // MARK: - Reading

    func setPieceCount(_ count: Int) { link.setPieceCount(count) }

    func read(context: ChannelHandlerContext) {
        if driver.mayRead(self) { context.read() } else { isReadHeld = true }
    }

    /// The download limit has room again.
    func resumeReading() {
        guard isReadHeld else { return }
        isReadHeld = false
        if let context { read(context: context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var input = unwrapInboundIn(data)
        let now = Instant.now
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
                guard self.context != nil else { return }
            }
        } catch {
            return driver.handleProtocolError(error, self, at: now)
        }
        if link.isBetweenMessages {
            unfinishedSince = nil
        } else if hasProgressed || unfinishedSince == nil {
            unfinishedSince = now
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        driver.drain()
        context.fireChannelReadComplete()
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

    /// Blocks with their headers, as one stretch of bytes.
    func write(_ blocks: ByteBuffer, taken: EventLoopPromise<Void>) {
        guard let context else { return taken.fail(ChannelError.ioOnClosedChannel) }
        writeOutgoing(context)
        context.write(wrapOutboundOut(blocks), promise: taken)
    }

    func flush() {
        isDirty = false
        guard let context else { return }
        writeOutgoing(context)
        context.flush()
    }

    private func writeOutgoing(_ context: ChannelHandlerContext) {
        guard outgoing.readableBytes > 0 else { return }
        context.write(wrapOutboundOut(outgoing), promise: makeReport(context))
        // The socket has it now; a peer that is told nothing holds nothing.
        outgoing = ByteBuffer()
    }

    /// Reports to the core when the socket has taken what was written so far. A report comes only once
    /// a certain number of bytes has gathered, so that everyday messages cost no promise.
    private func makeReport(_ context: ChannelHandlerContext) -> EventLoopPromise<Void>? {
        guard unreportedByteCount >= Self.reportedByteCount else { return nil }
        let byteCount = unreportedByteCount
        unreportedByteCount = 0
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { [self] in driver.handleTaken(byteCount, by: self) }
        return promise
    }

    /// Bytes of messages between two reports to the core.
    private static let reportedByteCount = 16 << 10
}

extension PeerLink.Output {
    /// Whether a message is whole with this.
    fileprivate var endsMessage: Bool {
        switch self {
        case .handshake, .frame(.message), .frame(.payload(_, isLast: true)): true
        case .preamble, .frame(.block), .frame(.payload): false
        }
    }
}
