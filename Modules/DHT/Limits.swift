// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Named limits of this module: on what other nodes can make us do and keep, and on what we ask of them.
package struct DHTLimits: Sendable {
    // MARK: Messages

    /// Bytes in a datagram that is parsed; longer ones are dropped.
    package var receivedByteCount = 2_048
    /// Bytes in a datagram that is sent (BEP 32).
    package var sentByteCount = 1_024
    /// Nesting depth of a message.
    package var messageDepth = 64
    /// Values in a message, including keys.
    package var messageTokens = 1_024
    /// Bytes in a transaction that is returned to its sender.
    package var transactionByteCount = 32
    /// Bytes in a token that is kept and returned.
    package var tokenByteCount = 64
    /// Bytes that are kept of an error's text.
    package var errorByteCount = 128
    /// Nodes of one family taken from a response.
    package var nodesPerAnswer = 16
    /// Peers taken from a response.
    package var peersPerAnswer = 128
    /// Info-hashes taken from a response.
    package var samplesPerAnswer = 64
    /// Maximum seconds for which samples may stay the same (BEP 51).
    package var sampleSeconds = 21_600

    // MARK: Routing table

    /// Nodes in a bucket, nodes in a response, and nodes at which a value is stored (BEP 5's K).
    package var bucketSize = 8
    /// How many times larger the first buckets are, in which half, a quarter, … of all lookups start.
    package var wideBuckets = [16, 8, 4, 2]
    /// Nodes that wait for a place, in each bucket.
    package var replacements = 8
    /// Nodes of one neighbourhood (an IPv4 /24, an IPv6 /48) in one bucket.
    package var neighboursPerBucket = 2
    /// Nodes of one neighbourhood in the whole table.
    package var neighboursPerTable = 8
    /// Consecutive unanswered queries after which a node is bad.
    package var failures = 2
    /// How long a node stays good after its last response (BEP 5).
    package var goodInterval: Interval = .minutes(15)

    // MARK: Stores

    /// How long a peer is kept after its last announce.
    package var peerLifetime: Interval = .minutes(30)
    /// Swarms that have peers.
    package var swarms = 4_096
    /// Peers of all swarms together.
    package var peers = 65_536
    /// Peers of one swarm (BEP 33 counts up to 6,000).
    package var peersPerSwarm = 1_000
    /// Swarms that one party (an IPv4 address, an IPv6 /64) may announce to.
    package var swarmsPerParty = 256
    /// How long an item is kept after its last put (BEP 44).
    package var itemLifetime: Interval = .minutes(120)
    /// Items that are kept.
    package var items = 1_024
    /// Items that one party may put.
    package var itemsPerParty = 64
    /// How long a token is issued; it stays valid for as long again.
    package var tokenLifetime: Interval = .minutes(5)

    // MARK: Traffic

    /// Queries per second that one party may send on average.
    package var queriesPerSecondAndParty = 10
    /// Queries that one party may send at once.
    package var queryBurstPerParty = 50
    /// Parties that are tracked, and addresses that are known to be real.
    package var watchedParties = 4_096
    /// Bytes of responses per second.
    package var answerBytesPerSecond = 64 << 10
    /// Bytes per second of responses that are more than `amplification` times as long as the query, to addresses that
    /// are not known to be real. Both budgets hold at most four seconds' worth.
    package var unprovenBytesPerSecond = 8 << 10
    /// How many times the query's bytes, including headers, may be sent to an address that may be forged (as in RFC
    /// 9000 section 8.1).
    package var amplification = 3
    /// Queries per second that all lookups together may send.
    package var queriesPerSecond = 250
    /// Queries that are waiting for a response.
    package var pendingQueries = 2_048

    // MARK: Lookups

    /// Concurrent lookups; further ones fail with `.limit`.
    package var lookups = 256
    /// Queries to the nearest nodes that one lookup waits for at once (Kademlia's alpha); of several paths, each one less.
    package var concurrency = 4
    /// All queries that one lookup waits for at once, those to nodes that are no longer the nearest included.
    package var queriesPerLookup = 24
    /// Nodes that a lookup remembers.
    package var candidates = 128
    /// Nodes of one neighbourhood that one lookup asks.
    package var neighboursPerLookup = 4
    /// Separate paths of a lookup whose result matters: for writes and items.
    package var paths = 3
    /// Nodes that are waited for and written to if more of them are near a target than the network's size explains.
    package var crowdedNodes = 24
    /// Time after which an unanswered query counts as failed. Long before that, another node is asked instead.
    package var queryTimeout: Interval = .seconds(6)
    /// Minimum time before another node is asked instead, whatever was measured.
    package var shortestPatience: Interval = .milliseconds(50)
    /// Maximum time before another node is asked instead; used if nothing was measured.
    package var longestPatience: Interval = .seconds(1)

    // MARK: Maintenance

    /// Time between two checks of the table, each of which may ping a few nodes.
    package var tick: Interval = .seconds(6)
    /// Time before a nearly empty table is filled again; doubles each time.
    package var bootstrapInterval: Interval = .seconds(1)
    /// Time without a change after which a bucket is looked up again (BEP 5).
    package var refreshInterval: Interval = .minutes(15)
    /// Nodes that are asked when the table is empty.
    package var bootstrapNodes = 64
    /// Neighbourhoods that must agree on our address before the node's id follows it (BEP 42).
    package var addressVotes = 5

    /// Creates limits with the values above.
    package init() {}
}
