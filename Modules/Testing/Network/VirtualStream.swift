// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
package import NIOCore
package import RucheWire

/// Handles the events at one end of a virtual connection.
package protocol VirtualStreamHandler: AnyObject {
    /// Handles received bytes, in order.
    func handleBytes(_ bytes: ByteBuffer)
    /// Handles that the stream is writable again after it was not.
    func handleWritable()
    /// Handles the end of the connection, whether the other end closed it or it was cut. No calls follow.
    func handleClosed()
    /// Handles that bytes written before have arrived at the other end. Does nothing by default.
    func handleArrived()
}

extension VirtualStreamHandler {
    /// Does nothing.
    package func handleArrived() {}
}

/// One end of a connection. Bytes arrive at the other end in order, unless the connection is cut.
///
/// The network owns it while it is open. Each end keeps the other alive until both have closed.
///
///     open ── close ──▶ closing (what was written still leaves) ──▶ closed
///       └──── cut, or the other end's close ───────────────────────────▲
package final class VirtualStream {
    private enum State {
        case open
        case closing
        case closed
    }

    /// The endpoint of this end.
    package let local: PeerEndpoint
    /// The endpoint of the other end.
    package let remote: PeerEndpoint
    /// Whether the other end dialled.
    package let isIncoming: Bool
    /// The handler of this end's events. Released at the end of the connection.
    package var handler: (any VirtualStreamHandler)?

    let host: VirtualHost
    let number: Int
    let delay: Interval
    var other: VirtualStream?
    /// The stream is waiting for its turn on the uplink.
    var isReady = false
    var lastArrivalAt = Instant.zero
    /// The number of the next byte to arrive, as TCP counts them.
    var receivedSequence: UInt32 = 1
    /// The index of the connection in the network's list; nil at the end that was dialled.
    var place: Int?
    private var state = State.open
    private(set) var isCut = false
    private var outbox = Deque<ByteBuffer>()
    /// A segment is on the uplink.
    private var isSending = false
    private var held: [ByteBuffer] = []
    private var isHeldEnd = false
    /// The number of written bytes that have not arrived.
    private var pendingByteCount = 0
    /// Those of them that have been given to the uplink.
    private var inFlightByteCount = 0
    private var wasFull = false
    /// Whether bytes are handed over as they arrive. Else they wait here, and the other end's window stays full.
    var isReading = true
    /// Whether the window bounds what is under way, and closing loses what is beyond it, as with a transport's streams.
    var isPaced = false

    /// The network is gone.
    func release() {
        other = nil
        handler = nil
    }

    init(
        _ host: VirtualHost,
        number: Int,
        local: PeerEndpoint,
        remote: PeerEndpoint,
        isIncoming: Bool,
        delay: Interval
    ) {
        self.host = host
        self.number = number
        self.local = local
        self.remote = remote
        self.isIncoming = isIncoming
        self.delay = delay
    }

    /// Whether bytes can still be written.
    package var isOpen: Bool { state == .open }

    /// Whether there is room in the window. Bytes written beyond it are queued.
    package var isWritable: Bool { isOpen && pendingByteCount < host.network.conditions.streamWindowBytes }

    /// The number of written bytes beyond the window.
    var unsentByteCount: Int { max(0, pendingByteCount - host.network.conditions.streamWindowBytes) }

    /// Whether bytes have arrived that have not been handed over.
    var hasHeld: Bool { !held.isEmpty }

    /// Writes bytes after those written before.
    package func write(_ bytes: ByteBuffer) {
        guard isOpen, host.isUp, bytes.readableBytes > 0 else { return }
        pendingByteCount += bytes.readableBytes
        if pendingByteCount >= host.network.conditions.streamWindowBytes { wasFull = true }
        outbox.append(bytes)
        host.enqueue(self)
    }

    /// Closes the connection once the written bytes have left; of a paced stream, what is beyond the window is lost. The handler gets no
    /// further calls.
    package func close() {
        guard isOpen else { return }
        handler = nil
        state = .closing
        if isPaced { dropUnsent() }
        dropHeld()
        finishClosing()
    }

    /// Breaks the connection: bytes in flight are lost, and both sides are notified.
    package func cut() {
        guard !isCut else { return }
        network.remove(self)
        for end in [self, other] {
            guard let end else { continue }
            end.isCut = true
            end.outbox.removeAll()
            end.held.removeAll()
            network.insert(.end(end), at: network.now + delay)
        }
    }

    /// Lets go of what will not be read, so that the other end can close too.
    private func dropHeld() {
        guard !held.isEmpty, !network.areApart(local.address, remote.address) else { return }
        let byteCount = held.reduce(0) { $0 + $1.readableBytes }
        held = []
        if isHeldEnd { network.insert(.end(self), at: network.now) }
        other?.acknowledge(byteCount)
    }

    private func dropUnsent() {
        var excess = unsentByteCount
        while excess > 0, var last = outbox.popLast() {
            let dropped = min(excess, last.readableBytes)
            excess -= dropped
            pendingByteCount -= dropped
            guard dropped < last.readableBytes else { continue }
            last.moveWriterIndex(to: last.writerIndex - dropped)
            outbox.append(last)
        }
    }

    private var network: VirtualNetwork { host.network }

    // MARK: - For the host

    /// Whether there is something for the uplink, and room for it in the window.
    var hasUnsent: Bool { !outbox.isEmpty && (!isPaced || inFlightByteCount < network.conditions.streamWindowBytes) }

    /// Removes and returns the next segment for the uplink.
    func nextSegment() -> ByteBuffer? {
        guard hasUnsent, let segment = cutSegment() else { return nil }
        isSending = true
        inFlightByteCount += segment.readableBytes
        return segment
    }

    private func cutSegment() -> ByteBuffer? {
        guard var first = outbox.popFirst() else { return nil }
        let limit = network.conditions.segmentBytes
        if first.readableBytes > limit, let segment = first.readSlice(length: limit) {
            outbox.prepend(first)
            return segment
        }
        while let next = outbox.first, first.readableBytes + next.readableBytes <= limit {
            first.writeImmutableBuffer(next)
            outbox.removeFirst()
        }
        return first
    }

    /// Handles the departure of the current segment.
    func handleDeparted() {
        isSending = false
        finishClosing()
    }

    /// Completes closing once all written bytes have left.
    private func finishClosing() {
        guard case .closing = state, outbox.isEmpty, !isSending else { return }
        state = .closed
        network.remove(self)
        guard let other, !isCut else { return }
        let end = max(network.now + delay, lastArrivalAt)
        network.insert(.end(other), at: end)
        network.insert(.end(self), at: end)
    }

    // MARK: - For the network

    func handleArrival(_ bytes: ByteBuffer) {
        receivedSequence &+= UInt32(truncatingIfNeeded: bytes.readableBytes)
        deliver(bytes)
    }

    private func deliver(_ bytes: ByteBuffer) {
        guard !isCut else { return }
        let mustWait = isOpen && (!isReading || !held.isEmpty)
        if mustWait || network.areApart(local.address, remote.address) { return held.append(bytes) }
        other?.acknowledge(bytes.readableBytes)
        guard isOpen else { return }
        handler?.handleBytes(bytes)
    }

    /// Removes and returns up to `count` of the stretches that wait here.
    func takeHeld(upTo count: Int) -> [ByteBuffer] {
        guard !isCut, isOpen, !network.areApart(local.address, remote.address) else { return [] }
        let taken = Array(held.prefix(count))
        held.removeFirst(taken.count)
        if held.isEmpty, isHeldEnd {
            isHeldEnd = false
            network.insert(.end(self), at: network.now)
        }
        other?.acknowledge(taken.reduce(0) { $0 + $1.readableBytes })
        return taken
    }

    /// Handles the end of a partition.
    func releaseHeld() {
        let waiting = held
        held = []
        // Deliver these directly rather than as events, so that bytes in flight arrive after them.
        for bytes in waiting { deliver(bytes) }
        if isHeldEnd, held.isEmpty {
            isHeldEnd = false
            network.insert(.end(self), at: network.now)
        }
    }

    func handleEnd() {
        if !isCut, state == .open, !held.isEmpty || network.areApart(local.address, remote.address) {
            isHeldEnd = true
            return
        }
        let listener = handler
        handler = nil
        outbox.removeAll()
        other = nil
        guard isOpen else { return }
        state = .closed
        listener?.handleClosed()
    }

    private func acknowledge(_ byteCount: Int) {
        pendingByteCount -= byteCount
        inFlightByteCount -= byteCount
        if hasUnsent { host.enqueue(self) }
        if isOpen { handler?.handleArrived() }
        guard wasFull, pendingByteCount < network.conditions.streamWindowBytes / 2 else { return }
        wasFull = false
        if isOpen { handler?.handleWritable() }
    }
}
