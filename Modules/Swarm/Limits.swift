// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Every bound of the engine, by name. One value a session; each torrent gets a copy.
public struct SwarmLimits: Sendable {
    // Connections

    /// Connected peers of one torrent. When there are so many, the address that has the most yields to others.
    public var peersPerTorrent = 100
    /// Connections of a session, incoming and dialled, with those whose handshakes are under way. When so many are open,
    /// the address (IPv6: the /64) that has the most yields to others; nobody is capped before.
    public var peersPerSession = 500
    /// Endpoints that a torrent remembers without being connected to them.
    public var knownEndpoints = 4_000
    /// Dials of one torrent under way at once.
    public var dialsPerTorrent = 16

    /// Fewer connected peers than this, and nobody left to dial, and a download asks its trackers early.
    public var fewPeers = 5

    // Memory

    /// Buffers for pieces that are being received or judged, for one session; bytes. Two pieces may always be open,
    /// however long they are.
    public var receiveBufferBytes = 32 << 20
    /// Blocks read for peers but not yet taken by their sockets, for one peer; bytes.
    public var sendBufferBytesPerPeer = 1 << 20
    /// Likewise for one event loop; bytes.
    public var sendBufferBytesPerLoop = 16 << 20
    /// Answers of any other kind are made for a peer while less than this waits for its socket; bytes. Questions wait
    /// meanwhile, within the next two limits, and are refused beyond them.
    public var answerBytesPerPeer = 160 << 10
    /// Parts of the metadata that a peer may wait for (BEP 9).
    public var metadataPartsPerPeer = 1_024
    /// Hash requests of a peer that may wait (BEP 52).
    public var hashRequestsPerPeer = 64
    /// Jobs on the blocking pool that hash requests may occupy, for one torrent.
    public var hashJobsPerTorrent = 4
    /// Bytes of messages that a peer does not take from its socket, its bitfield aside: beyond it is disconnected.
    public var unsentBytesPerPeer = 384 << 10
    /// Requests that a peer may have waiting with us; beyond it they are rejected (BEP 10 `reqq`).
    public var queuedRequestsPerPeer = 512
    /// Requests that we have waiting with one peer.
    public var outstandingRequestsPerPeer = 512
    /// An info dictionary from strangers; bytes.
    public var metadataBytes = PeerLimits().metadataByteCount
    /// `have`, `bitfield` and `allowed fast` that a peer may send before the metadata is known.
    public var earlyHavesPerPeer = 2_048

    // Disk

    /// How long the disk may fail a torrent before that counts as trouble, shown in its state.
    public var diskPatience: Interval = .seconds(8)
    /// Longest pause between two attempts at what the disk has failed.
    public var diskRetryPause: Interval = .seconds(15)
    /// First pause between two attempts to open a torrent that could not be opened; it doubles each time.
    public var reopeningPause: Interval = .seconds(15)
    /// Longest pause between two such attempts.
    public var longestReopeningPause: Interval = .minutes(10)

    // Upload

    /// Peers unchoked at once, the optimistic one included; nil chooses by the upload rate.
    public var uploadSlots: Int?

    // Queueing

    /// Torrents that download at once; the rest wait their turn.
    public var activeDownloads = 8
    /// Torrents that seed at once.
    public var activeSeeds = 100_000

    // Dormancy, in a session that has a state folder

    /// A seed that nobody is connected to or watches falls dormant after this long.
    public var idleTimeout: Interval = .seconds(60)
    /// Seeds that are awake at once; beyond it strangers wake no more, and dormant seeds are not woken to dial anybody.
    public var awakeTorrents = 1_000
    /// Torrents that are opened at once to see what is on the disk; the others wait.
    public var openings = 16

    /// The defaults.
    public init() {}
}

/// Times of the peer protocol that are ours to choose.
package enum SwarmTiming {
    /// Between two looks at who may download from us (BEP 3).
    package static let chokeRound = Interval.seconds(10)
    /// After this much silence of ours, a keep-alive (BEP 3 has two minutes).
    package static let keepAlive = Interval.seconds(100)
    /// After this much silence of theirs, the connection is given up.
    package static let silence = Interval.seconds(150)
    /// From connecting to the end of the handshake.
    package static let handshake = Interval.seconds(20)
    /// From the first byte of a message to its last: a block takes this long at half a kilobyte a second.
    package static let message = Interval.seconds(30)
    /// A message that took longer when its peer leaves is worth a line in the log.
    package static let slowMessage = Interval.seconds(2)
    /// For a part of the metadata, or for hashes.
    package static let answer = Interval.seconds(10)
    /// A part of the metadata that is not here after this long is asked of somebody else as well.
    package static let lateMetadata = Interval.milliseconds(1_500)
    /// A candidate for the metadata of which no part came for so long is given up for another ...
    package static let hopelessMetadata = Interval.seconds(3)
    /// ... and so is one that is not whole after this ...
    package static let ownMetadata = Interval.seconds(5)
    /// ... and this for each part.
    package static let ownMetadataPart = Interval.milliseconds(250)
    /// A connection is not given up for another before this.
    package static let probation = Interval.seconds(60)
    /// Between two looks at which connections blocks pass over.
    package static let standing = Interval.seconds(10)
    /// How long an address that wrong data came from is banned.
    package static let ban = Interval.minutes(5)
    /// Each further conviction at the address within `PeerListLimits.convictionMemory` multiplies that by `banFactor`, up
    /// to this.
    package static let longestBan = Interval.minutes(60)
    /// How long an address that had its turn at a full seed has others go first.
    package static let servedRest = Interval.minutes(30)
    /// How long an address is remembered whose peer was asked for blocks and sent none.
    package static let silentMemory = Interval.minutes(10)
    /// A peer that leaves without a first block, after owing it for this long, is remembered likewise.
    package static let owedOnLeaving = Interval.seconds(2)
    /// Between two looks at whether those who are connected give anything.
    package static let turnover = Interval.seconds(30)
    /// Between two peer exchanges (BEP 11).
    package static let peerExchange = Interval.seconds(60)
    /// Between two moments after which a power cut costs nothing stored before.
    package static let checkpoint = Interval.seconds(30)
    /// Between two looks at a torrent for whoever watches it.
    package static let status = Interval.milliseconds(500)
    /// Until those whom a rate limit holds back are looked at again.
    package static let budget = Interval.milliseconds(25)
    /// Between two ticks of the core.
    package static let tick = Interval.milliseconds(500)
}
