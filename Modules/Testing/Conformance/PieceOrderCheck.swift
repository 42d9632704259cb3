// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
public import RucheSwarm
internal import RucheWire

/// Checks an order of pieces against what `PieceOrder` promises, and returns what it breaks; empty if it conforms.
///
/// The order must answer the same twice and choose among what it is offered, whatever the pieces and peers. A simulated
/// swarm in which all peers use this order must complete, and two runs of it from one seed must be equal.
///
///     @Test func order() throws { #expect(try checkPieceOrder(LastFirst()).isEmpty) }
///
/// - Parameter seed: Determines everything random.
/// - Throws: `MetainfoError` if the torrent of the simulation cannot be made.
public func checkPieceOrder(_ order: some PieceOrder, seed: UInt64 = 1) throws -> [String] {
    var check = PieceOrderCheck(order, random: SeededRandom(seed: seed))
    for _ in 0..<50 { check.questions() }
    let first = try OrderTrial(FetchOrder(order), seed: seed)
    let second = try OrderTrial(FetchOrder(order), seed: seed)
    var findings = check.violations
    if !first.run() { findings.append("a swarm in which everyone has this order does not complete") }
    second.run()
    if first.swarm.network.trace != second.swarm.network.trace {
        findings.append("two runs from one seed differ: the order must take time and chance from its arguments")
    }
    return findings
}

/// What has been found so far about the answers of one order.
private struct PieceOrderCheck<Order: PieceOrder> {
    private(set) var violations: [String] = []

    private var order: Order
    private var random: SeededRandom

    init(_ order: Order, random: SeededRandom) {
        self.order = order
        self.random = random
    }

    private mutating func expect(_ condition: Bool, _ violation: String) {
        if !condition, !violations.contains(violation) { violations.append(violation) }
    }

    /// Asks about pieces and peers of all kinds, after events of all kinds.
    mutating func questions() {
        let pieceCount = [1, 2, 63, 1_000, 1 << 20].randomElement(using: &random) ?? 1
        let now = Instant.zero + .seconds(Int64.random(in: 0...1_000_000, using: &random))
        let candidates = (0..<Int.random(in: 1...16, using: &random)).map { _ in
            let piece = PieceIndex(Int.random(in: 0..<pieceCount, using: &random))
            let facts = PieceFacts(
                availability: [0, 1, .random(in: 0...65_535, using: &random)].randomElement(using: &random) ?? 0,
                priority: [.low, .normal, .high].randomElement(using: &random) ?? .normal,
                pieceCount: pieceCount
            )
            let level = order.level(of: piece, facts)
            expect(level == order.level(of: piece, facts), "level answers differently if it is asked twice")
            return PieceCandidate(piece, level: min(max(level, 0), 63), availability: facts.availability)
        }
        let peer = OrderPeer(
            address: Bool.random(using: &random) ? IPAddress(v4: 0x0a00_0001) : nil,
            isSeed: Bool.random(using: &random),
            isSlow: Bool.random(using: &random),
            answerTime: .milliseconds(Int.random(in: 0...60_000, using: &random)),
            blockTime: .milliseconds(Int.random(in: 0...60_000, using: &random))
        )
        var (one, other) = (random, random)
        let choice = order.choose(candidates.span, for: peer, at: now, using: &one)
        let again = order.choose(candidates.span, for: peer, at: now, using: &other)
        expect(choice == again, "choose answers differently if it is asked twice")
        expect(choice.map { candidates.indices.contains($0) } ?? true, "choose returns an index that does not exist")
        tell(pieceCount, at: now)
    }

    private mutating func tell(_ pieceCount: Int, at now: Instant) {
        let piece = PieceIndex(Int.random(in: 0..<pieceCount, using: &random))
        let events: [OrderEvent] = [
            .began, .grew(pieceCount: pieceCount), .trimmed(before: piece), .verified(piece), .lost(piece),
            .readerMoved(piece.int..<pieceCount), .tick,
        ]
        let event = events.randomElement(using: &random) ?? .tick
        var batch = OrderBatch(now: now, have: Bitfield(count: pieceCount), random: random)
        order.handle(event, in: &batch)
    }
}

/// A small swarm in which all peers use the same order.
private final class OrderTrial {
    let swarm: VirtualSwarm

    init(_ order: FetchOrder, seed: UInt64) throws {
        let torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [48 * 32_768], seed: seed)
        swarm = VirtualSwarm(torrent, seed: seed)
        for number in 0..<6 {
            let peer = swarm.add(number == 0 ? .seed : .leecher)
            peer.order = order
        }
    }

    /// Returns whether all peers have everything within half an hour.
    @discardableResult
    func run() -> Bool {
        for peer in swarm.peers { peer.start() }
        return swarm.run(for: .minutes(30)) { swarm.peers.allSatisfy(\.isComplete) }
    }
}
