// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
package import NIOCore
internal import RucheWire

/// A byte stream over uTP (BEP 29) to one peer.
///
/// Owner: the `UTPSocket` that created it, until it is closed and the peer knows. Confined to `loop`, the port's: call
/// every member except the constants there.
package final class UTPStream: PeerStream, @unchecked Sendable {  // loop-confined: see above
    /// The port's loop.
    package let loop: any EventLoop
    /// The peer, and whether it dialled.
    package let facts: StreamFacts
    /// Why the stream closed; nil if it closed normally or is open.
    package private(set) var closeError: TransportError?

    /// Marks for bytes that wait to be sent: a writer should pause above the high one, and may continue below the low
    /// one.
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
    /// Whether the peer sends nothing more. The stream closes once everything is read.
    private var hasEnded = false
    private var isClosed = false
    private var tags: Deque<(end: UInt64, tag: UInt32)> = []
    private var timer: (at: Instant, scheduled: Scheduled<Void>)?
    /// Informs the dialler or the door, once.
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

    /// Whether the stream is neither closed nor closing.
    package var isOpen: Bool { core.isOpen && !isClosed }
    /// Whether the stream accepts more to send.
    package var isWritable: Bool { isOpen && !isAboveWater }
    /// Bytes that were written and never sent.
    package var unsentByteCount: Int { core.unsentByteCount }

    var remote: PeerEndpoint { facts.remote }

    /// Replaces the sink; see `PeerStream`.
    package func attach(_ sink: any PeerStreamSink) {
        loop.assertInEventLoop()
        self.sink = sink
        if isClosed { loop.assumeIsolated().execute { self.tellClosed() } }
    }

    /// Requests the available bytes, or else the next ones. The amount is that of one read of the port.
    package func read(_ amount: ReadAmount) {
        loop.assertInEventLoop()
        isReadWanted = true
        if core.readableByteCount > 0 { socket.serve(self) }
    }

    /// Takes `bytes`, which the next `flush()` sends. Never refuses: a writer checks `isWritable`.
    package func write(_ bytes: ByteBuffer, tag: UInt32?) {
        loop.assertInEventLoop()
        guard isOpen else {
            if let tag { sink?.handleWritten(tag) }
            return
        }
        core.write(bytes)
        if let tag { tags.append((core.sending.bytes.end, tag)) }
        if core.unsentByteCount >= Self.highWater { isAboveWater = true }
    }

    /// Sends what was written, as far as the peer and the network allow.
    package func flush() {
        loop.assertInEventLoop()
        socket.serve(self)
    }

    /// Closes the stream; what was written still goes to the peer.
    package func close() {
        loop.assertInEventLoop()
        guard !isClosed else { return }
        core.close(at: .now)
        finish(nil)
        socket.serve(self)
    }

    /// Closes the stream, drops what was written, and informs the peer (RESET).
    package func abort() {
        loop.assertInEventLoop()
        guard !isClosed else { return }
        core.abort(at: .now)
        finish(nil)
        socket.serve(self)
    }

    // MARK: - Calls from the socket

    func handleConfirmed() { socket.noteConfirmed(self) }

    /// Records that the system cannot send to the peer.
    func handleUnsendable(_ error: TransportError) {
        settleOpening(.failure(error))
        abort()
    }

    /// Cancels the dial.
    func handleCancelled() {
        guard core.isConnecting else { return }
        abort()
    }

    /// Keeps arriving bytes until the next request.
    func cancelRead() { isReadWanted = false }

    /// Fails the dial unless the peer has answered.
    func handleDialDeadline() {
        guard core.isConnecting else { return }
        settleOpening(.failure(TransportError(.timeout, "dial \(remote) over uTP")))
        abort()
    }

    /// Informs the sink, and passes what must be sent to the port.
    func serve(at now: Instant) {
        // During a call, a sink may write, read and close; the loop below handles it.
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

    /// Sets the stream's only timer. It is left alone if it fires early enough, because timeouts mostly move to later.
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
        case .misbehaved: TransportError(.system, "\(action): the peer acknowledged packets that were never sent")
        }
    }
}
