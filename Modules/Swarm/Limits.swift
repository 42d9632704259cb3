// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// All limits of the engine, by name. There is one value per session; each torrent gets a copy.
public struct SwarmLimits: Sendable {
    // Connections

    /// Connected peers of one torrent. When there are this many, the address with the most yields to others.
    public var peersPerTorrent = 100
    /// Connections of a session, incoming and dialled, including those in the handshake. When this many are open, the
    /// address (IPv6: the /64) with the most yields to others; no address is limited before.
    public var peersPerSession = 500
    /// Endpoints that a torrent remembers without being connected to them.
    public var knownEndpoints = 4_000
    /// Concurrent dials of one torrent.
    public var dialsPerTorrent = 16

    /// With fewer connected peers than this and none left to dial, a download announces early.
    public var fewPeers = 5

    // Memory

    /// Buffers for pieces that are being received or verified, for one session, in bytes. Two pieces may always be
    /// open, however long they are.
    public var receiveBufferBytes = 32 << 20
    /// Blocks read for peers but not yet accepted by their sockets, for one peer, in bytes.
    public var sendBufferBytesPerPeer = 1 << 20
    /// The same for one event loop, in bytes.
    public var sendBufferBytesPerLoop = 16 << 20
    /// Other answers to a peer are created only while fewer bytes than this wait for its socket. Meanwhile its requests
    /// wait, within the next two limits, and are refused beyond them.
    public var answerBytesPerPeer = 160 << 10
    /// Waiting requests of a peer for parts of the metadata (BEP 9).
    public var metadataPartsPerPeer = 1_024
    /// Waiting hash requests of a peer (BEP 52).
    public var hashRequestsPerPeer = 64
    /// Jobs on the blocking pool that hash requests may occupy, for one torrent.
    public var hashJobsPerTorrent = 4
    /// Bytes of messages that a peer does not read from its socket, without our bitfield: beyond this it is
    /// disconnected.
    public var unsentBytesPerPeer = 384 << 10
    /// Waiting block requests of a peer; further ones are rejected (BEP 10 `reqq`).
    public var queuedRequestsPerPeer = 512
    /// Outstanding requests to one peer.
    public var outstandingRequestsPerPeer = 512
    /// The length of an info dictionary from strangers, in bytes.
    public var metadataBytes = PeerLimits().metadataByteCount
    /// `have`, `bitfield` and `allowed fast` that a peer may send before the metadata is known.
    public var earlyHavesPerPeer = 2_048

    // Disk

    /// How long the disk may fail a torrent before that counts as trouble, shown in its state.
    public var diskPatience: Interval = .seconds(8)
    /// The longest pause between two attempts after disk failures.
    public var diskRetryPause: Interval = .seconds(15)
    /// The first pause between two attempts to open a torrent that could not be opened; it doubles each time.
    public var reopeningPause: Interval = .seconds(15)
    /// The longest pause between two such attempts.
    public var longestReopeningPause: Interval = .minutes(10)

    // Upload

    /// Concurrently unchoked peers, including the optimistic one; nil chooses by the upload rate.
    public var uploadSlots: Int?

    // Queueing

    /// Concurrently downloading torrents; the others wait for their turn.
    public var activeDownloads = 8
    /// Concurrently seeding torrents.
    public var activeSeeds = 100_000

    // Dormancy, in a session that has a state folder

    /// How long a seed without connections and observers stays active before it becomes dormant.
    public var idleTimeout: Interval = .seconds(60)
    /// The number of seeds that are awake at once. At this number, neither incoming peers nor dials wake a dormant seed.
    public var awakeTorrents = 1_000
    /// Torrents that are opened concurrently to see what is on the disk; the others wait.
    public var openings = 16

    /// Creates the default limits.
    public init() {}
}

/// Times of the peer protocol that are our choice.
package enum SwarmTiming {
    /// The time between two choke rounds (BEP 3).
    package static let chokeRound = Interval.seconds(10)
    /// The time without a message from us before a keep-alive (BEP 3: two minutes).
    package static let keepAlive = Interval.seconds(100)
    /// The time without a message from the peer before the connection is closed.
    package static let silence = Interval.seconds(150)
    /// From connecting to the end of the handshake.
    package static let handshake = Interval.seconds(20)
    /// From the first byte of a message to its last: a block takes this long at half a kilobyte per second.
    package static let message = Interval.seconds(30)
    /// A message that has taken longer when its peer leaves is logged.
    package static let slowMessage = Interval.seconds(2)
    /// The time to answer a request for a part of the metadata, or for hashes.
    package static let answer = Interval.seconds(10)
    /// A part of the metadata that has not arrived after this time is requested from another peer as well.
    package static let lateMetadata = Interval.milliseconds(1_500)
    /// A candidate for the metadata is given up for another after this time without a part ...
    package static let hopelessMetadata = Interval.seconds(3)
    /// ... and if it is incomplete after this time ...
    package static let ownMetadata = Interval.seconds(5)
    /// ... plus this for each part.
    package static let ownMetadataPart = Interval.milliseconds(250)
    /// A connection is not closed for another before this time.
    package static let probation = Interval.seconds(60)
    /// The time between two checks of which connections transfer blocks.
    package static let standing = Interval.seconds(10)
    /// How long an address that sent wrong data is banned.
    package static let ban = Interval.minutes(5)
    /// Each further conviction at the address within `PeerListLimits.convictionMemory` multiplies that by `banFactor`,
    /// up to this.
    package static let longestBan = Interval.minutes(60)
    /// How long an address that had its turn at a full seed comes after others.
    package static let servedRest = Interval.minutes(30)
    /// How long an address is remembered whose peer was asked for blocks and sent none.
    package static let silentMemory = Interval.minutes(10)
    /// A peer that leaves without a first block, after owing it for this long, is remembered too.
    package static let owedOnLeaving = Interval.seconds(2)
    /// The time between two checks whether connected peers give anything.
    package static let turnover = Interval.seconds(30)
    /// The time between two peer exchanges (BEP 11).
    package static let peerExchange = Interval.seconds(60)
    /// The time between two flushes, after which a power cut costs nothing stored before.
    package static let checkpoint = Interval.seconds(30)
    /// The time between two status updates for observers of a torrent.
    package static let status = Interval.milliseconds(500)
    /// The time until peers that a rate limit holds back are examined again.
    package static let budget = Interval.milliseconds(25)
    /// The time between two ticks of the core.
    package static let tick = Interval.milliseconds(500)
}
