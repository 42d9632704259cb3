// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore
internal import RucheTransport
internal import RucheWire

/// One end of a virtual connection as a transport's stream: demand, tags, and a move in place.
///
/// Owner: the stream's user. It keeps its connection's end for itself until it has moved.
///
///     open ── move ──▶ moving (until what was written has left) ──▶ moved
///       └──── close, or the other end's ──▶ closed ◀───┘
final class VirtualPeerStream: AcceptedStream, VirtualStreamHandler, @unchecked Sendable {  // confined to its loop
    private typealias Move = (loop: any EventLoop, then: @Sendable (Result<any PeerStream, TransportError>) -> Void)

    private enum State {
        case open
        case moving(Move)
        case moved
        case closed
    }

    let loop: any EventLoop
    let facts: StreamFacts
    private let base: VirtualStream
    private var state = State.open
    private var sink: (any PeerStreamSink)?
    private var demand: ReadAmount?
    private var isDeliveryDue = false
    /// Tags of writes that have not been taken, each with the number of bytes written when its write ended.
    private var tags: Deque<(end: Int, tag: UInt32)> = []
    private var writtenByteCount = 0

    /// Takes over an end of a connection.
    init(_ base: VirtualStream, on loop: any EventLoop) {
        self.base = base
        self.loop = loop
        facts = StreamFacts(remote: base.remote, kind: .virtual, isIncoming: base.isIncoming)
        base.isReading = false
        base.isPaced = true
        base.handler = self
    }

    var isOpen: Bool {
        switch state {
        case .open, .moving: base.isOpen
        case .moved, .closed: false
        }
    }

    var isWritable: Bool { isOpen && base.isWritable }

    var unsentByteCount: Int { isOpen ? base.unsentByteCount : 0 }

    func attach(_ sink: any PeerStreamSink) {
        self.sink = sink
        if case .closed = state { tellClosedLater() }
    }

    // MARK: - In

    func read(_ amount: ReadAmount) {
        guard isOpen else { return }
        demand = amount
        base.isReading = true
        guard base.hasHeld, !isDeliveryDue else { return }
        isDeliveryDue = true
        loop.execute { [self] in
            isDeliveryDue = false
            guard isOpen, let demand else { return }
            let stretches = base.takeHeld(upTo: demand == .batch ? Self.batchCount : 1)
            if !stretches.isEmpty { handleBytes(stretches) }
        }
    }

    /// Segments in one batch.
    private static let batchCount = 16

    func handleBytes(_ bytes: ByteBuffer) { handleBytes([bytes]) }

    private func handleBytes(_ stretches: [ByteBuffer]) {
        demand = nil
        base.isReading = false
        for bytes in stretches { sink?.handleReceived(bytes) }
        sink?.handleReadDone()
    }

    // MARK: - Out

    func write(_ bytes: ByteBuffer, tag: UInt32?) {
        guard isOpen else {
            if let tag { sink?.handleWritten(tag) }
            return
        }
        writtenByteCount += bytes.readableBytes
        if let tag { tags.append((writtenByteCount, tag)) }
        base.write(bytes)
    }

    /// Everything written is on its way already; tags of what has room in the window come back now.
    func flush() { giveBackTags() }

    func handleArrived() {
        giveBackTags()
        moveIfSent()
    }

    func handleWritable() { sink?.handleWritable() }

    private func giveBackTags() {
        guard isOpen else { return }
        while let first = tags.first, first.end <= writtenByteCount - base.unsentByteCount {
            tags.removeFirst()
            sink?.handleWritten(first.tag)
        }
    }

    // MARK: - The end

    func close() {
        switch state {
        case .open, .moving: break
        case .moved, .closed: return
        }
        base.close()
        end(later: true)
    }

    func handleClosed() { end(later: false) }

    private func end(later isLater: Bool) {
        let move: Move? = if case .moving(let move) = state { move } else { nil }
        state = .closed
        demand = nil
        while let first = tags.popFirst() { sink?.handleWritten(first.tag) }
        if let move {
            let error = TransportError(.closed, "adopt \(facts.remote)")
            move.loop.execute { move.then(.failure(error)) }
        }
        if isLater { tellClosedLater() } else { tellClosed() }
    }

    private func tellClosedLater() { loop.execute { [self] in tellClosed() } }

    private func tellClosed() {
        let sink = sink
        self.sink = nil
        sink?.handleClosed()
    }

    // MARK: - Moving

    func move(
        to loop: any EventLoop,
        then: @escaping @Sendable (Result<any PeerStream, TransportError>) -> Void
    ) {
        guard isOpen else {
            let error = TransportError(.closed, "adopt \(facts.remote)")
            return loop.execute { then(.failure(error)) }
        }
        state = .moving((loop, then))
        demand = nil
        base.isReading = false
        giveBackTags()
        moveIfSent()
    }

    private func moveIfSent() {
        guard case .moving(let move) = state, base.unsentByteCount == 0 else { return }
        state = .moved
        sink = nil
        let stream = VirtualPeerStream(base, on: move.loop)
        move.loop.execute { move.then(.success(stream)) }
    }
}
