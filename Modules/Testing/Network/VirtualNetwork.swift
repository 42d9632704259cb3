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
    public private(set) var now = Instant.zero
    /// The seed of everything random.
    public let seed: UInt64
    /// The conditions of the network.
    public var conditions: NetworkConditions
    /// A hash of all arrivals and ends of connections so far.
    public private(set) var trace = TraceHash()
    /// The number of events performed so far.
    package private(set) var eventCount = 0

    var random: SeededRandom
    var hosts: [VirtualHost] = []
    var hostsByAddress: [IPAddress: VirtualHost] = [:]
    /// The open connections, by the end that dialled.
    var connections: [VirtualStream] = []
    var islands: [IPAddress: Int] = [:]
    private var streamCount = 0
    private var queue = EventQueue()
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

    // MARK: - Time

    /// Schedules a call of `body` after `delay`.
    package func schedule(after delay: Interval, _ body: @escaping () -> Void) {
        queue.insert(.call(body), at: now + max(.zero, delay))
    }

    /// Runs until `end`, or until `isDone`, which is checked after each event. Returns whether it became true.
    @discardableResult
    public func run(until end: Instant, unless isDone: () -> Bool = { false }) -> Bool {
        startSweeping()
        if isDone() { return true }
        while let next = queue.nextTime, next <= end {
            guard let (instant, event) = queue.next() else { break }
            now = instant
            eventCount += 1
            perform(event)
            if isDone() { return true }
        }
        now = max(now, end)
        return false
    }

    /// Runs for `interval` of virtual time.
    package func run(for interval: Interval) { run(until: now + interval) }

    func insert(_ event: EventQueue.Event, at instant: Instant) { queue.insert(event, at: max(instant, now)) }

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
            stream.handleArrival(bytes)
        case .end(let stream):
            trace.combine(now.nanoseconds)
            trace.combine(~stream.number)
            stream.handleEnd()
        case .uplinkFree(let host): host.handleUplinkFree()
        case .call(let body): body()
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
