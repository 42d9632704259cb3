// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
public import NIOCore
public import RucheWire

/// Told what happens at one end of a virtual connection.
public protocol VirtualStreamHandler: AnyObject {
    /// Bytes arrived, in order.
    func handleBytes(_ bytes: ByteBuffer)
    /// After a time when it was not, the stream is writable again.
    func handleWritable()
    /// The connection is over, by the other end or by accident. Nothing follows.
    func handleClosed()
}

/// One end of a connection: bytes arrive at the other in order and whole, or not at all.
///
/// Owner: the network while it is open. Each end holds the other until both have closed.
///
///     open ── close ──▶ closing (what was written still leaves) ──▶ closed
///       └──── cut, or the other end's close ───────────────────────────▲
public final class VirtualStream {
    private enum State {
        case open
        case closing
        case closed
    }

    /// Our endpoint.
    public let local: PeerEndpoint
    /// The other end's.
    public let remote: PeerEndpoint
    /// The other end dialled.
    public let isIncoming: Bool
    /// Whoever is told what arrives. Let go of at the end.
    public var handler: (any VirtualStreamHandler)?

    let host: VirtualHost
    let number: Int
    let delay: Interval
    var other: VirtualStream?
    /// It waits for its turn on the uplink.
    var isReady = false
    var lastArrivalAt = Instant.zero
    /// Where the network lists the connection; nil at the end that was dialled.
    var place: Int?
    private var state = State.open
    private var isCut = false
    private var outbox = Deque<ByteBuffer>()
    /// A segment is on the uplink.
    private var isSending = false
    private var held: [ByteBuffer] = []
    private var isHeldEnd = false
    /// Bytes written that have not arrived.
    private var pendingByteCount = 0
    private var wasFull = false

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
    public var isOpen: Bool { state == .open }

    /// Whether there is room in the window. More may be written all the same: it waits.
    public var isWritable: Bool { isOpen && pendingByteCount < host.network.conditions.streamWindowBytes }

    /// Sends bytes after those written before.
    public func write(_ bytes: ByteBuffer) {
        guard isOpen, bytes.readableBytes > 0 else { return }
        pendingByteCount += bytes.readableBytes
        if pendingByteCount >= host.network.conditions.streamWindowBytes { wasFull = true }
        outbox.append(bytes)
        host.enqueue(self)
    }

    /// Ends the connection once what was written has left. The handler hears nothing more.
    public func close() {
        guard isOpen else { return }
        handler = nil
        state = .closing
        finishClosing()
    }

    /// Breaks the connection: what is on its way is lost, and both ends learn of it.
    public func cut() {
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

    private var network: VirtualNetwork { host.network }

    // MARK: - For the host

    var hasUnsent: Bool { !outbox.isEmpty }

    /// The next stretch for the uplink.
    func nextSegment() -> ByteBuffer? {
        guard var first = outbox.popFirst() else { return nil }
        isSending = true
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

    /// The segment has left.
    func handleDeparted() {
        isSending = false
        finishClosing()
    }

    /// Closes, once all that was written has left.
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
        guard !isCut else { return }
        if !held.isEmpty || network.areApart(local.address, remote.address) { return held.append(bytes) }
        other?.acknowledge(bytes.readableBytes)
        guard isOpen else { return }
        handler?.handleBytes(bytes)
    }

    /// The partition is over.
    func releaseHeld() {
        let waiting = held
        held = []
        // At once, not as events: what is on its way comes after.
        for bytes in waiting { handleArrival(bytes) }
        if isHeldEnd {
            isHeldEnd = false
            network.insert(.end(self), at: network.now)
        }
    }

    func handleEnd() {
        if !isCut, network.areApart(local.address, remote.address), state == .open {
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
        guard wasFull, pendingByteCount < network.conditions.streamWindowBytes / 2 else { return }
        wasFull = false
        if isOpen { handler?.handleWritable() }
    }
}
