// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
public import RucheCrypto
public import RucheWire

/// Hosts, the connections between them, and the time in which all of it happens.
///
/// One thread owns it and all that hangs on it. Nothing happens but in `run`, which takes one event after the other and
/// moves the clock to it, so that hours pass in seconds. All chance comes from the seed: the same seed and the same calls
/// make the same run, which `trace` proves.
public final class VirtualNetwork {
    /// The virtual moment.
    public private(set) var now = Instant.zero
    /// What all chance here comes from.
    public let seed: UInt64
    /// How good it is.
    public var conditions: NetworkConditions
    /// Stands for everything that has arrived anywhere so far.
    public private(set) var trace = TraceHash()
    /// Events that have happened so far.
    public private(set) var eventCount = 0

    var random: SeededRandom
    var hosts: [VirtualHost] = []
    var hostsByAddress: [IPAddress: VirtualHost] = [:]
    /// Live connections, by the end that dialled.
    var connections: [VirtualStream] = []
    var islands: [IPAddress: Int] = [:]
    private var streamCount = 0
    private var queue = EventQueue()
    private var isSweeping = false

    /// An empty network.
    public init(seed: UInt64, conditions: NetworkConditions = NetworkConditions()) {
        self.seed = seed
        self.conditions = conditions
        random = SeededRandom(seed: seed)
    }

    /// A generator of its own, for something whose choices must not disturb others'.
    public func makeRandom() -> SeededRandom { random.makeChild() }

    /// A host with an address of its own, in 10.0.0.0/8.
    public func addHost(_ capacity: LinkCapacity = .broadband) -> VirtualHost {
        let index = hosts.count
        let address = IPAddress(v4: 0x0a00_0001 + UInt32(truncatingIfNeeded: index))
        let host = VirtualHost(self, index: index, address: address, capacity: capacity)
        hosts.append(host)
        hostsByAddress[address] = host
        return host
    }

    /// Connections that are open.
    public var connectionCount: Int { connections.count }

    // MARK: - Time

    /// Has `body` called once `delay` has passed.
    public func schedule(after delay: Interval, _ body: @escaping () -> Void) {
        queue.insert(.call(body), at: now + max(.zero, delay))
    }

    /// Lets time pass until `end`, or until `isDone`, which is asked after each event; whether it was.
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

    /// Lets this much time pass.
    public func run(for interval: Interval) { run(until: now + interval) }

    func insert(_ event: EventQueue.Event, at instant: Instant) { queue.insert(event, at: max(instant, now)) }

    /// The number of the next connection's first end; that of the second follows it.
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

    /// The one-way delay between two hosts: the same both ways, and throughout.
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

    /// Whether something of this probability happens now.
    func happens(_ probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &random) < probability
    }

    /// Once a second each connection is cut with a sixtieth of what is due in a minute.
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
