// SPDX-License-Identifier: Apache-2.0

internal import RucheTransport
internal import RucheWire

/// Limits what others may use of this node's work and bandwidth, and what it uses of theirs.
struct TrafficBudgets: Sendable {
    private let limits: DHTLimits
    /// The query budget of each party.
    private var parties: RecentTable<Party, TokenBucket>
    /// Parties that have answered one of our queries, so their addresses are not forged.
    private var proven: RecentTable<Party, Instant>
    private var answers: TokenBucket
    private var unproven: TokenBucket
    private var queries: TokenBucket
    private var pings: TokenBucket

    /// Bytes of the IPv4 and UDP headers, which count on the wire as well.
    private static let headerByteCount = 28
    private static let burstSeconds = 4

    init(limits: DHTLimits, at now: Instant) {
        self.limits = limits
        parties = RecentTable(capacity: limits.watchedParties)
        proven = RecentTable(capacity: limits.watchedParties)
        func bucket(_ rate: Int) -> TokenBucket {
            TokenBucket(rateBytesPerSecond: rate, burstBytes: rate * Self.burstSeconds, at: now)
        }
        answers = bucket(limits.answerBytesPerSecond)
        unproven = bucket(limits.unprovenBytesPerSecond)
        queries = bucket(limits.queriesPerSecond)
        pings = TokenBucket(rateBytesPerSecond: 2, burstBytes: 32, at: now)
    }

    /// Whether to answer a query from a party.
    mutating func admitQuery(of party: Party, at now: Instant) -> Bool {
        let full = TokenBucket(
            rateBytesPerSecond: limits.queriesPerSecondAndParty,
            burstBytes: limits.queryBurstPerParty,
            at: now
        )
        return parties.update(party, orInsert: full) { $0.takeWhole(1, at: now) }
    }

    mutating func noteProof(of party: Party, at now: Instant) { proven.set(now, for: party) }

    /// Whether a response of `byteCount` bytes may follow a query of `queryByteCount` from a party. A long one may only
    /// go to an address that is known to be real, or use a budget that all others share and that is too small for an
    /// attack.
    mutating func admitLength(_ byteCount: Int, to party: Party, for queryByteCount: Int, at now: Instant) -> Bool {
        if byteCount <= deservedByteCount(for: queryByteCount) { return true }
        if let since = proven[party], now - since <= .minutes(30) { return true }
        return unproven.takeWhole(byteCount, at: now)
    }

    /// The maximum length of a response to an address that may be forged.
    func deservedByteCount(for queryByteCount: Int) -> Int {
        limits.amplification * (queryByteCount + Self.headerByteCount) - Self.headerByteCount
    }

    /// Whether a response may be sent now; otherwise it is dropped.
    mutating func admitAnswer(_ byteCount: Int, at now: Instant) -> Bool { answers.takeWhole(byteCount, at: now) }

    /// Whether a query may be sent now.
    mutating func admitOwnQuery(at now: Instant) -> Bool { queries.takeWhole(1, at: now) }

    /// When the next query may be sent.
    mutating func nextOwnQuery(at now: Instant) -> Instant { queries.nextAvailable(1, at: now) }

    /// Whether a node that sent us a query may be pinged, to find out if it belongs in the table.
    mutating func admitPing(at now: Instant) -> Bool { pings.takeWhole(1, at: now) }
}
