// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore
internal import RucheWire

/// A uTP connection as seen from the loop of the swarm that owns it. The connection itself stays on the port's loop;
/// each flush and each received batch crosses over once.
///
/// Owner: the connection's owner, on `loop`.
final class UTPLoopStream: AcceptedStream, @unchecked Sendable {  // confined to its loop
    private enum State {
        case open
        /// Waits until everything is sent, then moves.
        case moving(any EventLoop, MoveResult)
        case moved
        case closed
    }

    typealias MoveResult = @Sendable (Result<any PeerStream, TransportError>) -> Void

    let loop: any EventLoop
    let facts: StreamFacts
    private let near: UTPStream
    private var state = State.open
    private var sink: (any PeerStreamSink)?
    private var outbox: [ByteBuffer] = []
    /// Writes that the connection has not sent.
    private var writes: Deque<(byteCount: Int, tag: UInt32?)> = []
    private(set) var unsentByteCount = 0
    private var isAboveWater = false
    /// Bytes that arrived without a request during a move.
    private var kept = ByteBuffer()

    private init(_ near: UTPStream, on loop: any EventLoop, kept: ByteBuffer = ByteBuffer()) {
        self.near = near
        self.loop = loop
        self.kept = kept
        facts = near.facts
    }

    /// Creates a stream on `loop` for an open connection. Call it on the connection's loop.
    static func make(_ near: UTPStream, on loop: any EventLoop) -> UTPLoopStream {
        let stream = UTPLoopStream(near, on: loop)
        near.attach(UTPRelay(stream))
        return stream
    }

    var isOpen: Bool {
        if case .open = state { return true }
        return false
    }

    var isWritable: Bool { isOpen && !isAboveWater }

    func attach(_ sink: any PeerStreamSink) {
        self.sink = sink
        if case .closed = state { loop.assumeIsolated().execute { self.tellClosed() } }
    }

    func read(_ amount: ReadAmount) {
        if kept.readableBytes > 0 {
            loop.assumeIsolated().execute { self.deliverKept() }
        } else {
            onNear { $0.read(amount) }
        }
    }

    func write(_ bytes: ByteBuffer, tag: UInt32?) {
        guard isOpen else {
            if let tag { sink?.handleWritten(tag) }
            return
        }
        outbox.append(bytes)
        writes.append((bytes.readableBytes, tag))
        unsentByteCount += bytes.readableBytes
        if unsentByteCount >= UTPStream.highWater { isAboveWater = true }
    }

    func flush() {
        guard !outbox.isEmpty else { return }
        let batch = outbox
        outbox.removeAll(keepingCapacity: true)
        onNear { near in
            for bytes in batch.dropLast() { near.write(bytes, tag: nil) }
            if let last = batch.last { near.write(last, tag: UInt32(clamping: batch.count)) }
            near.flush()
        }
    }

    func close() {
        guard isOpen else { return }
        flush()
        onNear { $0.close() }
        handleClosed()
    }

    func move(to loop: any EventLoop, then: @escaping MoveResult) {
        guard isOpen else {
            return loop.execute { then(.failure(TransportError(.closed, "move a uTP stream"))) }
        }
        sink = nil
        flush()
        state = .moving(loop, then)
        moveWhenSent()
    }

    // MARK: - Events of the connection, on the loop

    func handleReceived(_ bytes: ByteBuffer) {
        switch state {
        case .open:
            sink?.handleReceived(bytes)
            sink?.handleReadDone()
        case .moving: kept.writeImmutableBuffer(bytes)
        case .moved, .closed: return
        }
    }

    func handleTaken(_ count: Int) {
        for _ in 0..<count {
            guard let write = writes.popFirst() else { break }
            unsentByteCount -= write.byteCount
            if let tag = write.tag { sink?.handleWritten(tag) }
        }
        if isAboveWater, unsentByteCount < UTPStream.lowWater {
            isAboveWater = false
            if isOpen { sink?.handleWritable() }
        }
        moveWhenSent()
    }

    func handleClosed() {
        switch state {
        case .moved, .closed: return
        case .moving(let loop, let then):
            loop.execute { then(.failure(TransportError(.closed, "move a uTP stream"))) }
        case .open: break
        }
        state = .closed
        handleTaken(writes.count)
        tellClosed()
    }

    private func tellClosed() {
        let sink = sink
        self.sink = nil
        sink?.handleClosed()
    }

    private func deliverKept() {
        guard isOpen, kept.readableBytes > 0 else { return }
        let bytes = kept
        kept = ByteBuffer()
        handleReceived(bytes)
    }

    // MARK: - Moving

    private func moveWhenSent() {
        guard case .moving(let next, let then) = state, writes.isEmpty else { return }
        // Everything that the connection delivered before it stopped arrives here before the answer to this.
        onNear { near in
            near.cancelRead()
            self.onFar { self.hand(over: next, then) }
        }
    }

    private func hand(over next: any EventLoop, _ then: @escaping MoveResult) {
        guard case .moving = state else { return }
        state = .moved
        let stream = UTPLoopStream(near, on: next, kept: kept)
        onNear { near in
            near.attach(UTPRelay(stream))
            next.execute { then(.success(stream)) }
        }
    }

    private func onNear(_ body: @escaping @Sendable (UTPStream) -> Void) {
        if near.loop === loop { return body(near) }
        near.loop.execute { [near] in body(near) }
    }

    private func onFar(_ body: @escaping @Sendable () -> Void) {
        if near.loop === loop { return body() }
        loop.execute(body)
    }
}

/// Passes a connection's events to the loop of its owner.
private final class UTPRelay: PeerStreamSink {
    private let stream: UTPLoopStream
    private let isNear: Bool

    init(_ stream: UTPLoopStream) {
        self.stream = stream
        isNear = stream.loop.inEventLoop
    }

    func handleReceived(_ bytes: ByteBuffer) { onFar { $0.handleReceived(bytes) } }

    /// Implied by the bytes.
    func handleReadDone() {}

    /// The owner's side has its own marks.
    func handleWritable() {}

    func handleWritten(_ tag: UInt32) { onFar { $0.handleTaken(Int(tag)) } }

    func handleClosed() { onFar { $0.handleClosed() } }

    private func onFar(_ body: @escaping @Sendable (UTPLoopStream) -> Void) {
        if isNear { return body(stream) }
        stream.loop.execute { [stream] in body(stream) }
    }
}
