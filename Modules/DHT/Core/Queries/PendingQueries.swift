// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheWire

/// Queries that were sent and not answered yet.
struct PendingQueries: Sendable {
    struct Query: Sendable {
        /// The node that was asked; the id is nil if only the endpoint is known.
        let endpoint: PeerEndpoint
        let id: NodeID?
        let purpose: Purpose
        let sent: Instant
    }

    enum Purpose: Sendable {
        case ping
        /// A ping of a node of which only the endpoint is known.
        case greeting(isRepeated: Bool)
        case lookup(SearchNumber)
        case write(SearchNumber)
    }

    private var queries: [UInt32: Query] = [:]
    /// The queries in the order in which they were sent, which is also that of their timeouts. Some may be answered.
    private var order: Deque<UInt32> = []
    private let timeout: Interval
    private let capacity: Int

    init(limits: DHTLimits) {
        timeout = limits.queryTimeout
        capacity = limits.pendingQueries
    }

    var isFull: Bool { queries.count >= capacity }

    /// When the next query times out.
    var nextTimeout: Instant? { order.first.flatMap { queries[$0] }.map { $0.sent + timeout } }

    /// Records a query, and returns its transaction: four unpredictable bytes.
    mutating func insert(_ query: Query, using random: inout some RandomNumberGenerator) -> [UInt8] {
        var number = UInt32.random(in: .min ... .max, using: &random)
        while queries[number] != nil { number = .random(in: .min ... .max, using: &random) }
        queries[number] = query
        order.append(number)
        return (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
    }

    /// Removes and returns the query of a response; nil if none was sent to that endpoint.
    mutating func take(_ transaction: [UInt8], from endpoint: PeerEndpoint) -> Query? {
        guard transaction.count == 4 else { return nil }
        let number = transaction.reduce(0) { $0 << 8 | UInt32($1) }
        guard let query = queries[number], query.endpoint == endpoint else { return nil }
        queries[number] = nil
        dropAnswered()
        return query
    }

    /// Removes and returns the next query that has timed out.
    mutating func takeTimedOut(at now: Instant) -> Query? {
        guard let number = order.first, let query = queries[number], query.sent + timeout <= now else { return nil }
        queries[number] = nil
        dropAnswered()
        return query
    }

    /// Removes and returns all queries to an unreachable endpoint, in the order in which they were sent.
    mutating func takeAll(to endpoint: PeerEndpoint) -> [Query] {
        let numbers = order.filter { queries[$0]?.endpoint == endpoint }
        let taken = numbers.compactMap { queries.removeValue(forKey: $0) }
        dropAnswered()
        return taken
    }

    /// Ensures that the first query of `order` is pending.
    private mutating func dropAnswered() {
        while let first = order.first, queries[first] == nil { order.removeFirst() }
    }
}
