// SPDX-License-Identifier: Apache-2.0

import HeapModule
import RucheCrypto
import RucheWire

@testable import RucheDHT

/// A network of nodes with the production core, in virtual time, from a seed.
///
/// A datagram takes the delay between its two regions. Datagrams to no node, or to one that does not respond, are lost.
final class DHTWorld {
    struct Options {
        var nodeCount = 1_000
        /// The fraction of nodes that others know and that never answer.
        var silentShare = 0.2
        /// The time until half of the nodes have been replaced; nil for never.
        var halfLifeSeconds: Double?
        var limits = DHTLimits()
    }

    struct Node {
        let endpoint: PeerEndpoint
        let place: Regions.Place
        var core: DHTCore
        var isAlive: Bool
        var timer = Instant(nanoseconds: .max)
    }

    /// A search by one of the nodes.
    struct Run: Hashable {
        let node: Int
        let number: SearchNumber
    }

    enum Event {
        case arrival([UInt8], from: PeerEndpoint, to: PeerEndpoint)
        case timer(Int)
        case replacement
    }

    private struct Key: Comparable {
        let time: Instant
        let number: Int
        let event: Event
        static func < (a: Self, b: Self) -> Bool { (a.time, a.number) < (b.time, b.number) }
        static func == (a: Self, b: Self) -> Bool { a.number == b.number }
    }

    let options: Options
    var random: SeededRandom
    private(set) var now = Instant.zero
    private(set) var nodes: [Node] = []
    private(set) var datagramCount = 0
    /// Changes with every datagram: runs with the same trace were identical.
    private(set) var trace: UInt64 = 14_695_981_039_346_656_037
    /// The results of searches, and when the first item or peers of each arrived.
    var results: [Run: SearchResult] = [:]
    var firstFinds: [Run: Instant] = [:]
    var peers: [Run: Set<PeerEndpoint>] = [:]
    /// What answers at endpoints that are not nodes.
    var strangers: [PeerEndpoint: (DHTWorld, [UInt8], PeerEndpoint, PeerEndpoint) -> Void] = [:]

    private var indices: [PeerEndpoint: Int] = [:]
    private var queue = Heap<Key>()
    private var eventCount = 0

    init(seed: UInt64, _ options: Options = .init()) {
        self.options = options
        random = SeededRandom(seed: seed)
        for _ in 0..<options.nodeCount {
            let isAlive = Double.random(in: 0..<1, using: &random) >= options.silentShare
            addNode(at: freshEndpoint(), isAlive: isAlive)
        }
    }

    var alive: [Int] { nodes.indices.filter { nodes[$0].isAlive } }

    /// Returns an unused address of the public network.
    func freshEndpoint() -> PeerEndpoint {
        while true {
            let address = IPAddress(v4: .random(in: .min ... .max, using: &random))
            let endpoint = PeerEndpoint(address: address, port: 6881)
            if !address.isPrivate, address.isReachable, indices[endpoint] == nil { return endpoint }
        }
    }

    @discardableResult
    func addNode(at endpoint: PeerEndpoint, isAlive: Bool = true) -> Int {
        var batch = makeBatch()
        let core = DHTCore(forms: [.v4], addresses: [endpoint.address], limits: options.limits, in: &batch)
        let place = Regions.makePlace(using: &random)
        nodes.append(Node(endpoint: endpoint, place: place, core: core, isAlive: isAlive))
        indices[endpoint] = nodes.count - 1
        schedule(nodes.count - 1)
        return nodes.count - 1
    }

    /// Fills the tables as hours of running would: each bucket gets random nodes of its part of the space.
    func warm() {
        let order = nodes.indices.sorted { a, b in
            let zero = NodeID(high: 0, middle: 0, low: 0)
            return nodes[a].core.families[0].own.distance(to: zero) < nodes[b].core.families[0].own.distance(to: zero)
        }
        let highs = order.map { nodes[$0].core.families[0].own.high }
        for index in nodes.indices where nodes[index].isAlive {
            let own = nodes[index].core.families[0].own
            for bucket in 0..<24 {
                let shift = UInt64(63 - bucket)
                let start = (own.high >> shift ^ 1) << shift
                let range = lowerBound(highs, start)..<lowerBound(highs, start | (1 << shift &- 1), after: true)
                guard !range.isEmpty else { continue }
                let capacity = nodes[index].core.families[0].table.capacity(ofBucket: bucket)
                for _ in 0..<min(capacity, range.count) {
                    let other = order[Int.random(in: range, using: &random)]
                    let contact = NodeContact(id: nodes[other].core.families[0].own, endpoint: nodes[other].endpoint)
                    let trip = Regions.delay(from: nodes[index].place, to: nodes[other].place, using: &random) * 2
                    nodes[index].core.families[0].table.handleAnswer(of: contact, after: trip, at: now)
                    nodes[index].core.families[0].roundTrips.note(trip)
                }
            }
            nodes[index].core.families[0].bootstrapCount = 1
            nodes[index].core.families[0].networkSize = Double(options.nodeCount)
        }
    }

    private func lowerBound(_ values: [UInt64], _ wanted: UInt64, after: Bool = false) -> Int {
        values.partitioningIndex { after ? $0 > wanted : $0 >= wanted }
    }

    // MARK: - Running

    /// Starts a search by a node.
    func search(_ goal: SearchGoal, on node: Int) -> Run? {
        var number: SearchNumber?
        act(on: node) { core, batch in number = core.startSearch(goal, in: &batch) }
        return number.map { Run(node: node, number: $0) }
    }

    /// Calls a node's core and performs its effects.
    func act(on index: Int, _ body: (inout DHTCore, inout DHTBatch) -> Void) {
        var batch = makeBatch()
        body(&nodes[index].core, &batch)
        for effect in batch.effects {
            switch effect {
            case .send(let bytes, let endpoint): send(bytes, from: nodes[index].endpoint, to: endpoint)
            case .peers(let number, let found):
                let run = Run(node: index, number: number)
                if firstFinds[run] == nil { firstFinds[run] = now }
                peers[run, default: []].formUnion(found)
            case .item(let number, _):
                let run = Run(node: index, number: number)
                if firstFinds[run] == nil { firstFinds[run] = now }
            case .finished(let number, let result): results[Run(node: index, number: number)] = result
            }
        }
        schedule(index)
    }

    func send(_ bytes: [UInt8], from sender: PeerEndpoint, to receiver: PeerEndpoint) {
        datagramCount += 1
        for byte in bytes { trace = (trace ^ UInt64(byte)) &* 1_099_511_628_211 }
        let source = indices[sender].map { nodes[$0].place } ?? Regions.Place(region: 2, line: .milliseconds(2))
        guard
            let place = indices[receiver].map({ nodes[$0].place })
                ?? (strangers[receiver] == nil ? nil : Regions.Place(region: 2, line: .milliseconds(2)))
        else { return }
        let delay = Regions.delay(from: source, to: place, using: &random)
        insert(.arrival(bytes, from: sender, to: receiver), at: now + delay)
    }

    /// Runs until `isDone` returns true, or for `seconds`.
    func run(seconds: Int, until isDone: () -> Bool = { false }) {
        let end = now + .seconds(seconds)
        while !isDone(), let next = queue.min, next.time <= end {
            _ = queue.popMin()
            now = next.time
            handle(next.event)
        }
        if !isDone() { now = end }
    }

    private func handle(_ event: Event) {
        switch event {
        case .arrival(let bytes, let sender, let receiver):
            if let stranger = strangers[receiver] { return stranger(self, bytes, sender, receiver) }
            guard let index = indices[receiver], nodes[index].isAlive else { return }
            act(on: index) { core, batch in core.handle(bytes, from: sender, in: &batch) }
        case .timer(let index):
            guard nodes[index].isAlive, nodes[index].timer <= now else { return }
            nodes[index].timer = Instant(nanoseconds: .max)
            act(on: index) { core, batch in core.handleTimer(in: &batch) }
        case .replacement:
            replaceOne()
            scheduleReplacement()
        }
    }

    private func schedule(_ index: Int) {
        guard nodes[index].isAlive else { return }
        let next = max(now, nodes[index].core.nextTimer(at: now))
        guard next < nodes[index].timer else { return }
        nodes[index].timer = next
        insert(.timer(index), at: next)
    }

    private func insert(_ event: Event, at time: Instant) {
        eventCount += 1
        queue.insert(Key(time: time, number: eventCount, event: event))
    }

    private func makeBatch() -> DHTBatch { DHTBatch(time: now, random: random.makeChild()) }

    // MARK: - Churn

    /// Replaces nodes from now on.
    func startChurn() { scheduleReplacement() }

    private func scheduleReplacement() {
        guard let halfLife = options.halfLifeSeconds else { return }
        // On average, one of n nodes leaves every half-life / (n ln 2).
        let mean = halfLife / (0.693 * Double(options.nodeCount))
        insert(.replacement, at: now + .seconds(Double.random(in: 0..<2 * mean, using: &random)))
    }

    private func replaceOne() {
        guard let gone = alive.randomElement(using: &random) else { return }
        nodes[gone].isAlive = false
        let known = (0..<4).compactMap { _ in alive.randomElement(using: &random).map { nodes[$0].endpoint } }
        let new = addNode(at: freshEndpoint())
        act(on: new) { core, batch in core.addNamedNodes(known, in: &batch) }
    }
}
