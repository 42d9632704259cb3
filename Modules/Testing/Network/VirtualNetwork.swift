// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import RucheCrypto
public import RucheWire

/// A network of hosts and connections, with its own virtual time.
///
/// One thread owns the network and everything on it. Everything happens in `run`, which performs one event after
/// another and moves the clock to each, so that hours pass in seconds. Everything random comes from the seed: the same
/// seed and the same calls make the same run, with the same `trace`.
public final class VirtualNetwork {
    /// The current virtual time.
    public var now: Instant { time.now }
    /// The seed of everything random.
    public let seed: UInt64
    /// The conditions of the network.
    public var conditions: NetworkConditions
    /// A hash of all arrivals and ends of connections so far.
    public private(set) var trace = TraceHash()
    /// The number of events performed so far.
    package var eventCount: Int { time.eventCount }

    let time = Timeline()
    var capture: PacketCapture?
    var random: SeededRandom
    var hosts: [VirtualHost] = []
    var hostsByAddress: [IPAddress: VirtualHost] = [:]
    /// The open connections, by the end that dialled.
    var connections: [VirtualStream] = []
    var islands: [IPAddress: Int] = [:]
    private var streamCount = 0
    private var isSweeping = false

    /// Creates a network without hosts.
    public init(seed: UInt64, conditions: NetworkConditions = NetworkConditions()) {
        self.seed = seed
        self.conditions = conditions
        random = SeededRandom(seed: seed)
    }

    /// The ends of open connections keep each other alive: without this, a long run of many swarms would keep them all.
    deinit {
        for stream in connections {
            stream.other?.release()
            stream.release()
        }
        time.close()
    }

    /// Returns a new generator, for a part whose random choices must not disturb those of others.
    package func makeRandom() -> SeededRandom { random.makeChild() }

    /// Adds a host, with its own address in 10.0.0.0/8.
    public func addHost(_ capacity: LinkCapacity = .broadband) -> VirtualHost {
        let index = hosts.count
        let address = IPAddress(v4: 0x0a00_0001 + UInt32(truncatingIfNeeded: index))
        let host = VirtualHost(self, index: index, address: address, capacity: capacity)
        hosts.append(host)
        hostsByAddress[address] = host
        return host
    }

    /// The number of open connections.
    public var connectionCount: Int { connections.count }

    /// Takes over the network for the calling thread, as `run` does.
    func adopt() { time.adopt() }

    /// Captures what passes from now on, for tools such as tshark. `write` is given the bytes of a capture file, packet by
    /// packet.
    package func capture(into write: @escaping ([UInt8]) -> Void) { capture = PacketCapture(write) }

    // MARK: - Time

    /// Schedules a call of `body` after `delay`.
    package func schedule(after delay: Interval, _ body: @escaping () -> Void) {
        time.insert(.call(body), at: now + max(.zero, delay))
    }

    /// Runs until `end`, or until `isDone`, which is checked after each event. Returns whether it became true.
    @discardableResult
    public func run(until end: Instant, unless isDone: () -> Bool = { false }) -> Bool {
        startSweeping()
        time.adopt()
        if isDone() { return true }
        while step(until: end) { if isDone() { return true } }
        time.advance(to: end)
        return false
    }

    /// Runs for `interval` of virtual time.
    package func run(for interval: Interval) { run(until: now + interval) }

    /// Performs the next event that is due by `end`. Returns false if there is none.
    func step(until end: Instant) -> Bool { time.step(until: end, perform) }

    func insert(_ event: EventQueue.Event, at instant: Instant) { time.insert(event, at: instant) }

    /// Returns the number of the next connection's near end. The far end has the number after it.
    func nextStreamNumber() -> Int {
        defer { streamCount += 2 }
        return streamCount
    }

    private func perform(_ event: EventQueue.Event) {
        switch event {
        case .arrival(let stream, let bytes):
            trace.combine(now.nanoseconds)
            trace.combine(stream.number)
            trace.combine(bytes.readableBytes)
            capture?.record(bytes, [.push, .ack], to: stream, at: now)
            stream.handleArrival(bytes)
        case .end(let stream):
            trace.combine(now.nanoseconds)
            trace.combine(~stream.number)
            capture?.record(ByteBuffer(), stream.isCut ? .reset : [.fin, .ack], to: stream, at: now)
            stream.handleEnd()
        case .uplinkFree(let host): host.handleUplinkFree()
        case .call(let body): body()
        case .task(let task): task.run()
        }
    }

    // MARK: - Chance

    /// Returns the one-way delay between two hosts. It is the same in both directions and never changes.
    func latency(_ a: VirtualHost, _ b: VirtualHost) -> Interval {
        let pair = UInt64(min(a.index, b.index)) << 32 | UInt64(max(a.index, b.index))
        var chance = SeededRandom(seed: seed ^ pair &* 0x9e37_79b9_7f4a_7c15)
        let range = conditions.latency
        return Interval(
            nanoseconds: .random(in: range.lowerBound.nanoseconds...range.upperBound.nanoseconds, using: &chance)
        )
    }

    func nextJitter() -> Interval {
        guard conditions.jitter > .zero else { return .zero }
        return Interval(nanoseconds: .random(in: 0...conditions.jitter.nanoseconds, using: &random))
    }

    /// Returns true with this probability.
    func happens(_ probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &random) < probability
    }

    /// Starts to cut connections at random, each second with a sixtieth of the probability per minute.
    private func startSweeping() {
        guard !isSweeping else { return }
        isSweeping = true
        schedule(after: .seconds(1)) { [weak self] in self?.sweep() }
    }

    private func sweep() {
        let share = conditions.cutsPerMinute / 60
        if share > 0 {
            for stream in connections where happens(share) { stream.cut() }
        }
        schedule(after: .seconds(1)) { [weak self] in self?.sweep() }
    }
}
