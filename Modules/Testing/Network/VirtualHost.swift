// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore
public import RucheWire

/// A machine on a virtual network: an address, an uplink and a downlink that its connections share.
///
/// Owner: its network. The uplink serves the streams that have something to send in turn, a segment each.
public final class VirtualHost {
    /// Its one address.
    public let address: IPAddress
    /// What its link can carry. May be changed.
    public var capacity: LinkCapacity
    /// Whether it is running.
    public private(set) var isUp = true
    /// Whether others can connect to it: false behind a NAT.
    public var isReachable = true
    /// Bytes that have left it.
    public private(set) var sentByteCount = 0

    let index: Int
    unowned(unsafe) let network: VirtualNetwork  // which owns this host
    /// Goes up each time it crashes: what was begun before means nothing after.
    private(set) var life = 0
    var listeners: [UInt16: (VirtualStream) -> Void] = [:]
    private var nextPort: UInt16 = 49_152
    private var ready = Deque<VirtualStream>()
    private var uplinkFreeAt = Instant.zero
    private var downlinkFreeAt = Instant.zero
    private var isSending = false
    private var leaving: (segment: ByteBuffer, stream: VirtualStream)?

    init(_ network: VirtualNetwork, index: Int, address: IPAddress, capacity: LinkCapacity) {
        self.network = network
        self.index = index
        self.address = address
        self.capacity = capacity
    }

    /// Takes connections on `port` from now on. Whoever accepts sets the stream's handler at once.
    public func listen(on port: UInt16, _ accept: @escaping (VirtualStream) -> Void) { listeners[port] = accept }

    /// Opens a connection. `result` comes later: the stream, or nil where nobody answered or took it.
    public func dial(_ endpoint: PeerEndpoint, _ result: @escaping VirtualNetwork.DialResult) {
        nextPort = nextPort == .max ? 49_152 : nextPort + 1
        network.dial(endpoint, from: self, port: nextPort, result)
    }

    /// Goes down at once: its connections are gone without a word from it, and nobody listens any more.
    public func crash() {
        isUp = false
        life += 1
        listeners = [:]
        ready.removeAll()
        leaving = nil
        for stream in network.connections where stream.host === self || stream.other?.host === self {
            let own = stream.host === self ? stream : stream.other
            own?.handler = nil
            stream.cut()
        }
    }

    /// Comes back, with nobody listening yet.
    public func restart() { isUp = true }

    // MARK: - Link

    /// The stream has something to send.
    func enqueue(_ stream: VirtualStream) {
        guard !stream.isReady else { return }
        stream.isReady = true
        ready.append(stream)
        sendReady()
    }

    /// The segment that was being sent has left.
    func handleUplinkFree() {
        let sent = leaving
        leaving = nil
        isSending = false
        if let sent { depart(sent.segment, of: sent.stream) }
        sendReady()
    }

    private func sendReady() {
        while !isSending, let stream = ready.popFirst() {
            stream.isReady = false
            guard let segment = stream.nextSegment() else { continue }
            let duration = Interval.transmission(
                of: segment.readableBytes,
                bytesPerSecond: capacity.uplinkBytesPerSecond
            )
            uplinkFreeAt = max(uplinkFreeAt, network.now) + duration
            // Small ones leave at once: an event less for each `have`.
            guard uplinkFreeAt - network.now > Self.negligible else {
                depart(segment, of: stream)
                continue
            }
            isSending = true
            leaving = (segment, stream)
            network.insert(.uplinkFree(self), at: uplinkFreeAt)
        }
    }

    /// What takes the uplink no longer is as good as sent.
    private static let negligible = Interval.milliseconds(1)

    private func depart(_ segment: ByteBuffer, of stream: VirtualStream) {
        sentByteCount += segment.readableBytes
        if let receiver = stream.other {
            let received = receiver.host.receptionTime(of: segment.readableBytes, sentAt: uplinkFreeAt)
            let arrival = max(received + stream.delay + network.nextJitter(), stream.lastArrivalAt)
            stream.lastArrivalAt = arrival
            network.insert(.arrival(receiver, segment), at: arrival)
        }
        stream.handleDeparted()
        guard stream.hasUnsent, !stream.isReady else { return }
        stream.isReady = true
        ready.append(stream)
    }

    /// When the downlink is done with a segment that leaves its sender at `sentAt`.
    private func receptionTime(of byteCount: Int, sentAt: Instant) -> Instant {
        let rate = capacity.downlinkBytesPerSecond
        downlinkFreeAt = max(downlinkFreeAt + .transmission(of: byteCount, bytesPerSecond: rate), sentAt)
        return downlinkFreeAt
    }
}
