// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore
public import RucheWire

/// A machine on a virtual network: an address, and an uplink and a downlink that its connections share.
///
/// Its network owns it. The uplink serves streams with unsent bytes in turn, one segment each.
public final class VirtualHost {
    /// The host's only address.
    public let address: IPAddress
    /// The capacity of the host's link. It may change.
    public var capacity: LinkCapacity
    /// Whether the host is up.
    public private(set) var isUp = true
    /// Whether other hosts can connect to this one. False for a host behind a NAT.
    public var isReachable = true
    /// The number of bytes that have left the host.
    public private(set) var sentByteCount = 0

    /// The loop of the programs on this host.
    package let loop: VirtualLoop

    /// The NAT that the host is behind; nil for none. Only connections over uTP can come in through it, so set it before the
    /// host dials.
    public var nat: NATKind? {
        didSet {
            translator = nat.map(VirtualNAT.init)
            isReachable = nat == nil
        }
    }

    private var translator: VirtualNAT?

    let index: Int
    unowned(unsafe) let network: VirtualNetwork  // it owns this host
    /// Incremented by each crash: callbacks from before a crash are ignored after it.
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
        loop = VirtualLoop(network.time)
    }

    /// Makes what a program on this host runs on: loops and threads on virtual time.
    package func makeRuntime(loopCount: Int = 1) -> VirtualRuntime { VirtualRuntime(on: self, loopCount: loopCount) }

    /// Accepts connections on `port` from now on. `accept` must set the stream's handler before it returns.
    package func listen(on port: UInt16, _ accept: @escaping (VirtualStream) -> Void) { listeners[port] = accept }

    /// Dials an endpoint. `result` is called later with the stream, or with nil if the dial failed.
    package func dial(_ endpoint: PeerEndpoint, _ result: @escaping VirtualNetwork.DialResult) {
        nextPort = nextPort == .max ? 49_152 : nextPort + 1
        network.dial(endpoint, from: self, port: nextPort, result)
    }

    /// Handles a datagram that leaves from `port`, and returns where it seems to come from.
    func handleOutgoing(from port: UInt16, to remote: PeerEndpoint) -> PeerEndpoint {
        PeerEndpoint(address: address, port: translator?.handleOutgoing(from: port, to: remote) ?? port)
    }

    /// Returns the port that receives a datagram which arrives at `port`; nil if the NAT drops it.
    func innerPort(of port: UInt16, from source: PeerEndpoint) -> UInt16? {
        guard let translator else { return isReachable ? port : nil }
        return translator.innerPort(of: port, from: source)
    }

    /// Crashes the host: its listeners and connections end at once, without any message from it.
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

    /// Brings the host up again, without listeners.
    public func restart() { isUp = true }

    // MARK: - Link

    /// Queues a stream that has something to send.
    func enqueue(_ stream: VirtualStream) {
        guard !stream.isReady else { return }
        stream.isReady = true
        ready.append(stream)
        sendReady()
    }

    /// Handles the departure of the current segment.
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
            // Small segments leave at once. This saves an event for each `have`.
            guard uplinkFreeAt - network.now > Self.negligible else {
                depart(segment, of: stream)
                continue
            }
            isSending = true
            leaving = (segment, stream)
            network.insert(.uplinkFree(self), at: uplinkFreeAt)
        }
    }

    /// A segment that occupies the uplink no longer than this counts as sent.
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

    /// Returns when the downlink has received a segment that leaves its sender at `sentAt`.
    private func receptionTime(of byteCount: Int, sentAt: Instant) -> Instant {
        let rate = capacity.downlinkBytesPerSecond
        downlinkFreeAt = max(downlinkFreeAt + .transmission(of: byteCount, bytesPerSecond: rate), sentAt)
        return downlinkFreeAt
    }
}
