// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Named limits of this module: on what other nodes can make us do and keep, and on what we ask of them.
public struct DHTLimits: Sendable {
    // MARK: Messages

    /// Bytes in a datagram that is parsed; longer ones are dropped.
    public var receivedByteCount = 2_048
    /// Bytes in a datagram that is sent (BEP 32).
    public var sentByteCount = 1_024
    /// Nesting depth of a message.
    public var messageDepth = 64
    /// Values in a message, including keys.
    public var messageTokens = 1_024
    /// Bytes in a transaction that is returned to its sender.
    public var transactionByteCount = 32
    /// Bytes in a token that is kept and returned.
    public var tokenByteCount = 64
    /// Bytes that are kept of an error's text.
    public var errorByteCount = 128
    /// Nodes of one family taken from a response.
    public var nodesPerAnswer = 16
    /// Peers taken from a response.
    public var peersPerAnswer = 128
    /// Info-hashes taken from a response.
    public var samplesPerAnswer = 64
    /// Maximum seconds for which samples may stay the same (BEP 51).
    public var sampleSeconds = 21_600

    // MARK: Routing table

    /// Nodes in a bucket, nodes in a response, and nodes at which a value is stored (BEP 5's K).
    public var bucketSize = 8
    /// How many times larger the first buckets are, in which half, a quarter, … of all lookups start.
    public var wideBuckets = [16, 8, 4, 2]
    /// Nodes that wait for a place, in each bucket.
    public var replacements = 8
    /// Nodes of one neighbourhood (an IPv4 /24, an IPv6 /48) in one bucket.
    public var neighboursPerBucket = 2
    /// Nodes of one neighbourhood in the whole table.
    public var neighboursPerTable = 8
    /// Consecutive unanswered queries after which a node is bad.
    public var failures = 2
    /// How long a node stays good after its last response (BEP 5).
    public var goodInterval: Interval = .minutes(15)

    // MARK: Stores

    /// How long a peer is kept after its last announce.
    public var peerLifetime: Interval = .minutes(30)
    /// Swarms that have peers.
    public var swarms = 4_096
    /// Peers of all swarms together.
    public var peers = 65_536
    /// Peers of one swarm (BEP 33 counts up to 6,000).
    public var peersPerSwarm = 1_000
    /// Swarms that one party (an IPv4 address, an IPv6 /64) may announce to.
    public var swarmsPerParty = 256
    /// How long an item is kept after its last put (BEP 44).
    public var itemLifetime: Interval = .minutes(120)
    /// Items that are kept.
    public var items = 1_024
    /// Items that one party may put.
    public var itemsPerParty = 64
    /// How long a token is issued; it stays valid for as long again.
    public var tokenLifetime: Interval = .minutes(5)

    // MARK: Traffic

    /// Queries per second that one party may send on average.
    public var queriesPerSecondAndParty = 10
    /// Queries that one party may send at once.
    public var queryBurstPerParty = 50
    /// Parties that are tracked, and addresses that are known to be real.
    public var watchedParties = 4_096
    /// Bytes of responses per second.
    public var answerBytesPerSecond = 64 << 10
    /// Bytes per second of responses that are more than `amplification` times as long as the query, to addresses that
    /// are not known to be real. Both budgets hold at most four seconds' worth.
    public var unprovenBytesPerSecond = 8 << 10
    /// How many times the query's bytes, including headers, may be sent to an address that may be forged (as in RFC
    /// 9000 section 8.1).
    public var amplification = 3
    /// Queries per second that all lookups together may send.
    public var queriesPerSecond = 250
    /// Queries that are waiting for a response.
    public var pendingQueries = 2_048

    // MARK: Lookups

    /// Concurrent lookups; further ones fail with `.limit`.
    public var lookups = 256
    /// Queries that one lookup waits for at once (Kademlia's alpha).
    public var concurrency = 4
    /// Nodes that a lookup remembers.
    public var candidates = 128
    /// Nodes of one neighbourhood that one lookup asks.
    public var neighboursPerLookup = 4
    /// Separate paths of a lookup whose result matters: for writes and items.
    public var paths = 3
    /// Nodes that are waited for and written to if more of them are near a target than the network's size explains.
    public var crowdedNodes = 24
    /// Time after which an unanswered query counts as failed. Long before that, another node is asked instead.
    public var queryTimeout: Interval = .seconds(6)
    /// Minimum time before another node is asked instead, whatever was measured.
    public var shortestPatience: Interval = .milliseconds(50)
    /// Maximum time before another node is asked instead; used if nothing was measured.
    public var longestPatience: Interval = .seconds(1)

    // MARK: Maintenance

    /// Time between two checks of the table, each of which may ping a few nodes.
    public var tick: Interval = .seconds(6)
    /// Time before a nearly empty table is filled again; doubles each time.
    public var bootstrapInterval: Interval = .seconds(1)
    /// Time without a change after which a bucket is looked up again (BEP 5).
    public var refreshInterval: Interval = .minutes(15)
    /// Nodes that are asked when the table is empty.
    public var bootstrapNodes = 64
    /// Neighbourhoods that must agree on our address before the node's id follows it (BEP 42).
    public var addressVotes = 5

    /// Creates limits with the values above.
    public init() {}
}
