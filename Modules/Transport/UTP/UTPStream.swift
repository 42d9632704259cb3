// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
public import NIOCore
internal import RucheWire

/// A byte stream over uTP (BEP 29) to one peer.
///
/// Owner: the `UTPSocket` that it came from, until it is closed and the peer knows. Confined to `loop`, the port's: every
/// member but the constants is called there.
public final class UTPStream: PeerStream, @unchecked Sendable {  // loop-confined: see above
    /// The loop of the port, on which everything happens.
    public let loop: any EventLoop
    /// The peer, and whether it dialled.
    public let facts: StreamFacts
    /// Why the stream closed; nil where it did so in good order, or has not.
    public private(set) var closeError: TransportError?

    /// Bytes that wait to be sent beyond which a writer should pause, and below which it may go on.
    static let highWater = 512 * 1024
    static let lowWater = 256 * 1024

    var core: UTPConnection
    var isTouched = false
    private unowned let socket: UTPSocket
    private var sink: (any PeerStreamSink)?
    private var isReadWanted = false
    private var isServing = false
    private var isCalledAgain = false
    private var isAboveWater = false
    /// The peer sends nothing more. The stream closes once all is read.
    private var hasEnded = false
    private var isClosed = false
    private var tags: Deque<(end: UInt64, tag: UInt32)> = []
    private var timer: (at: Instant, scheduled: Scheduled<Void>)?
    /// Tells whoever dialled, or the door, once.
    private var opened: (@Sendable (Result<UTPStream, TransportError>) -> Void)?

    init(
        _ core: UTPConnection,
        _ remote: PeerEndpoint,
        isIncoming: Bool,
        of socket: UTPSocket,
        opened: @escaping @Sendable (Result<UTPStream, TransportError>) -> Void
    ) {
        self.core = core
        facts = StreamFacts(remote: remote, kind: .utp, isIncoming: isIncoming)
        self.socket = socket
        loop = socket.loop
        self.opened = opened
    }

    /// Whether it is neither closed nor closing.
    public var isOpen: Bool { core.isOpen && !isClosed }
    /// Whether it wants more to send.
    public var isWritable: Bool { isOpen && !isAboveWater }
    /// Bytes that were written and never sent.
    public var unsentByteCount: Int { core.unsentByteCount }

    var remote: PeerEndpoint { facts.remote }

    /// Serves `sink` from now on; see `PeerStream`.
    public func attach(_ sink: any PeerStreamSink) {
        loop.assertInEventLoop()
        self.sink = sink
        if isClosed { loop.assumeIsolated().execute { self.tellClosed() } }
    }

    /// Asks for the bytes that are there, or else for the next ones. The amount is what a read of the port brought.
    public func read(_ amount: ReadAmount) {
        loop.assertInEventLoop()
        isReadWanted = true
        if core.readableByteCount > 0 { socket.serve(self) }
    }

    /// Takes `bytes`, to be sent by the next `flush()`. Never refuses: a writer watches `isWritable`.
    public func write(_ bytes: ByteBuffer, tag: UInt32?) {
        loop.assertInEventLoop()
        guard isOpen else {
            if let tag { sink?.handleWritten(tag) }
            return
        }
        core.write(bytes)
        if let tag { tags.append((core.sending.bytes.end, tag)) }
        if core.unsentByteCount >= Self.highWater { isAboveWater = true }
    }

    /// Sends what was written, as far as the peer and the network take it.
    public func flush() {
        loop.assertInEventLoop()
        socket.serve(self)
    }

    /// Closes the stream; what was written still goes to the peer.
    public func close() {
        loop.assertInEventLoop()
        guard !isClosed else { return }
        core.close(at: .now)
        finish(nil)
        socket.serve(self)
    }

    /// Closes the stream, drops what was written and tells the peer so (RESET).
    public func abort() {
        loop.assertInEventLoop()
        guard !isClosed else { return }
        core.abort(at: .now)
        finish(nil)
        socket.serve(self)
    }

    // MARK: - For the socket

    func handleConfirmed() { socket.noteConfirmed(self) }

    /// The system cannot send to the peer.
    func handleUnsendable(_ error: TransportError) {
        settleOpening(.failure(error))
        abort()
    }

    /// The dial's owner wants it no longer.
    func handleCancelled() {
        guard core.isConnecting else { return }
        abort()
    }

    /// Keeps what comes until it is asked for again.
    func cancelRead() { isReadWanted = false }

    /// Gives the dial up, unless the peer has answered.
    func handleDialDeadline() {
        guard core.isConnecting else { return }
        settleOpening(.failure(TransportError(.timeout, "dial \(remote) over uTP")))
        abort()
    }

    /// Tells the sink what happened, and puts what must be sent into the port.
    func serve(at now: Instant) {
        // A sink that is being told something may write, read and close: the loop below sees to it.
        guard !isServing else {
            isCalledAgain = true
            return
        }
        isServing = true
        defer { isServing = false }
        repeat {
            isCalledAgain = false
            handleEvents()
            socket.send(&core, to: remote, at: now)
            reportSent()
        } while isCalledAgain
        schedule(at: now)
    }

    private func handleEvents() {
        while let event = core.nextEvent() {
            switch event {
            case .connected: settleOpening(.success(self))
            case .readable: break
            case .ended: hasEnded = true
            case .closed(let reason): finish(Self.error(reason, remote))
            }
        }
        deliver()
        guard hasEnded, !isClosed, core.readableByteCount == 0 else { return }
        core.close(at: .now)
        finish(nil)
    }

    private func deliver() {
        while isReadWanted, !isClosed, let sink, core.readableByteCount > 0 {
            isReadWanted = false
            sink.handleReceived(core.read())
            sink.handleReadDone()
        }
    }

    private func reportSent() {
        let sent = core.sending.packed
        while let first = tags.first, isClosed || first.end <= sent {
            tags.removeFirst()
            sink?.handleWritten(first.tag)
        }
        if isAboveWater, core.unsentByteCount < Self.lowWater {
            isAboveWater = false
            if isOpen { sink?.handleWritable() }
        }
    }

    private func finish(_ error: TransportError?) {
        guard !isClosed else { return }
        isClosed = true
        closeError = error
        settleOpening(.failure(error ?? TransportError(.stopped, "dial \(remote) over uTP")))
        reportSent()
        tellClosed()
    }

    private func tellClosed() {
        let sink = sink
        self.sink = nil
        sink?.handleClosed()
    }

    private func settleOpening(_ result: Result<UTPStream, TransportError>) {
        guard let opened else { return }
        self.opened = nil
        opened(result)
    }

    // MARK: - Time

    /// One timer for the stream. It is left alone where it fires early enough, because timeouts mostly move on.
    private func schedule(at now: Instant) {
        if core.isOver(at: now) {
            timer?.scheduled.cancel()
            timer = nil
            return socket.forget(self)
        }
        guard let next = core.nextTimeout else { return }
        if let timer, timer.at <= next { return }
        timer?.scheduled.cancel()
        let scheduled = loop.scheduleTask(deadline: NIODeadline(next)) { [weak self] () -> Void in self?.handleTimer() }
        timer = (next, scheduled)
    }

    private func handleTimer() {
        timer = nil
        core.handleTimeout(at: .now)
        socket.serve(self)
    }

    private static func error(_ reason: UTPCloseReason, _ remote: PeerEndpoint) -> TransportError? {
        let action = "uTP with \(remote)"
        return switch reason {
        case .finished: nil
        case .aborted: TransportError(.stopped, action)
        case .reset: TransportError(.closed, action)
        case .timedOut: TransportError(.timeout, action)
        case .misbehaved: TransportError(.system, "\(action): the peer acknowledged what was never sent")
        }
    }
}
