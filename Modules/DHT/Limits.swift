// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Named limits of this module: on what other nodes may make us do and keep, and on what we ask of them.
public struct DHTLimits: Sendable {
    // MARK: Messages

    /// Bytes of a datagram that is parsed; longer ones are dropped.
    public var receivedByteCount = 2_048
    /// Bytes of a datagram that is sent (BEP 32).
    public var sentByteCount = 1_024
    /// Nesting depth of a message, and values in it.
    public var messageDepth = 64
    /// Values in a message, keys included.
    public var messageTokens = 1_024
    /// Bytes of a transaction that is returned to its sender.
    public var transactionByteCount = 32
    /// Bytes of a token that is kept and returned.
    public var tokenByteCount = 64
    /// Bytes of an error's text that are kept.
    public var errorByteCount = 128
    /// Nodes of one family taken from an answer.
    public var nodesPerAnswer = 16
    /// Peers taken from an answer.
    public var peersPerAnswer = 128
    /// Info-hashes taken from an answer.
    public var samplesPerAnswer = 64
    /// Longest time for which samples may stay the same, in seconds (BEP 51).
    public var sampleSeconds = 21_600

    // MARK: Routing table

    /// Nodes of a bucket, and nodes that an answer holds and that a value is stored at (BEP 5's K).
    public var bucketSize = 8
    /// How many times as many nodes the first buckets hold, which half, a quarter, … of all lookups begin in.
    public var wideBuckets = [16, 8, 4, 2]
    /// Nodes that wait for a place, in each bucket.
    public var replacements = 8
    /// Nodes of one neighbourhood (an IPv4 /24, an IPv6 /48) in one bucket.
    public var neighboursPerBucket = 2
    /// Nodes of one neighbourhood in the whole table.
    public var neighboursPerTable = 8
    /// Queries in a row without an answer after which a node is bad.
    public var failures = 2
    /// How long a node is good after its last answer (BEP 5).
    public var goodInterval: Interval = .minutes(15)

    // MARK: Stores

    /// How long a peer is kept after its last announce.
    public var peerLifetime: Interval = .minutes(30)
    /// Swarms with peers.
    public var swarms = 4_096
    /// Peers of all swarms together.
    public var peers = 65_536
    /// Peers of one swarm (BEP 33 counts up to 6,000).
    public var peersPerSwarm = 1_000
    /// Swarms that one party (an IPv4 address, an IPv6 /64) may announce.
    public var swarmsPerParty = 256
    /// How long an item is kept after the last put (BEP 44).
    public var itemLifetime: Interval = .minutes(120)
    /// Items kept.
    public var items = 1_024
    /// Items that one party may put.
    public var itemsPerParty = 64
    /// How long a token is given out; it holds for as long again.
    public var tokenLifetime: Interval = .minutes(5)

    // MARK: Traffic

    /// Queries a second that one party may ask in the long run.
    public var queriesPerSecondAndParty = 10
    /// Queries that one party may ask at once.
    public var queryBurstPerParty = 50
    /// Parties that are watched, and addresses that are known to be real.
    public var watchedParties = 4_096
    /// Bytes a second of answers.
    public var answerBytesPerSecond = 64 << 10
    /// Bytes a second of answers that are more than `amplification` times as long as the query, to addresses that are not
    /// known to be real. Each of both budgets holds at most four seconds' worth.
    public var unprovenBytesPerSecond = 8 << 10
    /// How many times as many bytes an address gets that may be forged, headers included (as RFC 9000 section 8.1).
    public var amplification = 3
    /// Queries a second that lookups send together.
    public var queriesPerSecond = 250
    /// Queries without an answer so far.
    public var pendingQueries = 2_048

    // MARK: Lookups

    /// Lookups under way; further ones fail with `.limit`.
    public var lookups = 256
    /// Queries of one lookup that are waited for at once (Kademlia's alpha).
    public var concurrency = 4
    /// Nodes that a lookup remembers.
    public var candidates = 128
    /// Nodes of one neighbourhood that one lookup asks.
    public var neighboursPerLookup = 4
    /// Separate paths of a lookup whose result matters: writes and items.
    public var paths = 3
    /// Nodes that are waited for, and written to, where more of them are near a target than the network's size explains.
    public var crowdedNodes = 24
    /// Until an unanswered query counts as failed. Long before that, another node is asked instead.
    public var queryTimeout: Interval = .seconds(6)
    /// Shortest and longest time until another node is asked instead, whatever is measured.
    public var shortestPatience: Interval = .milliseconds(50)
    /// Until another node is asked instead where nothing is measured.
    public var longestPatience: Interval = .seconds(1)

    // MARK: Maintenance

    /// Between two looks at the table: each may ping a few nodes.
    public var tick: Interval = .seconds(6)
    /// Until a table that stays nearly empty is filled again; doubles each time.
    public var bootstrapInterval: Interval = .seconds(1)
    /// After how long without a change a bucket is looked up again (BEP 5).
    public var refreshInterval: Interval = .minutes(15)
    /// Nodes that are asked when the table is empty.
    public var bootstrapNodes = 64
    /// Neighbourhoods that must agree on our address before the node's id follows it (BEP 42).
    public var addressVotes = 5

    /// Creates limits with the values above.
    public init() {}
}
