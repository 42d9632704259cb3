// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
public import NIOCore
public import RucheWire

/// A byte stream over uTP (BEP 29) to one peer.
///
/// Owner: the `UTPSocket` that it came from, until it is closed and the peer knows. Confined to `loop`, the port's: every
/// member but the constants is called there.
public final class UTPStream: @unchecked Sendable {  // loop-confined: see above
    /// The loop of the port, on which everything happens.
    public let loop: any EventLoop
    /// The peer.
    public let remote: PeerEndpoint
    /// Whether the peer dialled.
    public let isIncoming: Bool

    /// Bytes that wait to be sent beyond which a writer should pause, and below which it may go on.
    static let highWater = 512 * 1024
    static let lowWater = 256 * 1024

    var core: UTPConnection
    var isTouched = false
    private unowned let socket: UTPSocket
    private var sink: (any UTPStreamSink)?
    private var isReadWanted = false
    private var isServing = false
    private var isCalledAgain = false
    private var isAboveWater = false
    private var isClosedByUs = false
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
        self.remote = remote
        self.isIncoming = isIncoming
        self.socket = socket
        loop = socket.loop
        self.opened = opened
    }

    /// Whether the stream takes bytes without holding many that wait.
    public var isWritable: Bool { core.isOpen && core.unsentByteCount < Self.highWater }
    /// Bytes that were written and never sent.
    public var unsentByteCount: Int { core.unsentByteCount }

    /// Serves `sink` from now on, which the stream holds until it is closed.
    public func attach(_ sink: any UTPStreamSink) {
        loop.assertInEventLoop()
        self.sink = sink
    }

    /// Asks for the next bytes, once they are there.
    public func read() {
        loop.assertInEventLoop()
        isReadWanted = true
        if core.readableByteCount > 0 { socket.serve(self) }
    }

    /// Takes `bytes`, to be sent by the next `flush()`. Never refuses: a writer watches `isWritable`.
    public func write(_ bytes: ByteBuffer, tag: UInt32? = nil) {
        loop.assertInEventLoop()
        core.write(bytes)
        if let tag { tags.append((core.sending.bytes.end, tag)) }
        if core.unsentByteCount >= Self.highWater { isAboveWater = true }
    }

    /// Sends what was written, as far as the peer and the network take it.
    public func flush() {
        loop.assertInEventLoop()
        socket.serve(self)
    }

    /// Sends what was written, then tells the peer; the sink hears of it at once, and of nothing else.
    public func close() {
        loop.assertInEventLoop()
        isClosedByUs = true
        core.close(at: .now)
        socket.serve(self)
    }

    /// Drops what was written and tells the peer so (RESET).
    public func abort() {
        loop.assertInEventLoop()
        isClosedByUs = true
        core.abort(at: .now)
        socket.serve(self)
    }

    // MARK: - For the socket

    func handleConfirmed() { socket.noteConfirmed(self) }

    /// The system cannot send to the peer.
    func handleUnsendable(_ error: TransportError) {
        settleOpening(.failure(error))
        abort()
    }

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
            case .ended:
                deliver()
                core.close(at: .now)
                finish(nil)
            case .closed(let reason): finish(Self.error(reason, remote))
            }
        }
        deliver()
        if isClosedByUs { finish(nil) }
    }

    private func deliver() {
        while isReadWanted, let sink, core.readableByteCount > 0 {
            isReadWanted = false
            sink.handleReceived(core.read())
        }
    }

    private func reportSent() {
        let sent = core.sending.packed
        while let first = tags.first, first.end <= sent {
            tags.removeFirst()
            sink?.handleWritten(first.tag)
        }
        if isAboveWater, core.unsentByteCount < Self.lowWater {
            isAboveWater = false
            sink?.handleWritable()
        }
    }

    /// The peer's end of stream may come before the last bytes are read: they are delivered first, asked for or not.
    private func finish(_ error: TransportError?) {
        settleOpening(.failure(error ?? TransportError(.stopped, "dial \(remote) over uTP")))
        guard let sink else { return }
        if !isClosedByUs, core.readableByteCount > 0 { sink.handleReceived(core.read()) }
        self.sink = nil
        sink.handleClosed(isClosedByUs ? nil : error)
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
