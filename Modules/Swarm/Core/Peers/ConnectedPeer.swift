// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
package import RucheWire

/// All that the core knows of one connected peer. Owner: `PeerTable`, which nobody copies; an object, so that a look at
/// one field neither copies the others nor counts their references.
package final class ConnectedPeer {
    /// The other end of the connection.
    package let endpoint: PeerEndpoint
    /// It came to us.
    package let isIncoming: Bool
    /// As its handshake named it.
    package let id: PeerID
    /// Extensions in its handshake.
    package let capabilities: Handshake.Capabilities
    /// The handshakes settled on the v2 info-hash (BEP 52).
    package let speaksV2: Bool
    /// When the handshake was done.
    package let connectedAt: Instant
    /// By whom its blocks are known.
    let source: BlockSource

    // Pieces

    /// What it has. Counted in the picker once `isCounted`.
    package var pieces: PeerPieces
    /// What it told before we had the metadata.
    var early = EarlyDescription()
    /// What it said of all its pieces at once, and what a seed said it lost: counted at a tick.
    var recount = PendingRecount()
    /// Whether a bitfield may still come: before anything else is said of pieces. BEP 3 has it as the first message,
    /// but some send their extended handshake before.
    var mayDescribe = true
    /// `have` messages so far.
    var haveCount = 0
    /// Pieces that it has and we want.
    var wantedCount = 0
    /// Its place in the log of pieces that we got: what comes later it has not been told.
    var toldHaves = 0
    /// It is shown pieces one by one (BEP 16).
    var isSuperSeeded = false
    /// It wants nothing from us, ever (BEP 21).
    package var isUploadOnly = false

    // Choking and interest

    /// It lets us wait.
    package var chokesUs = true
    /// It wants something from us.
    package var isInterested = false
    /// We let it wait.
    package var isChoked = true
    /// We want something from it.
    package var weAreInterested = false
    var unchokedAt: Instant?
    var bytesSinceUnchoke = 0

    // Requests of ours

    package var pipeline: RequestPipeline
    /// Pieces that it sends even while it chokes us (BEP 6).
    var allowsUs: [PieceIndex] = []
    /// Pieces that it would rather send (BEP 6).
    var suggests: [PieceIndex] = []
    /// Blocks that may still come although nobody waits for them: cancelled, or released by a choke.
    var lateBlockAllowance = 0
    /// It has rejected a request without choking us: asked again only then.
    var restsUntil = Instant.zero
    /// Somebody at its address was convicted: until then it is asked for blocks only once a piece with one of its own has
    /// verified, and for no metadata.
    var isDistrustedUntil = Instant.zero
    /// How often since the last tick, and since its last block, there was less to ask of it than it could take.
    var vainRefillCount: Int32 = 0
    /// The picker knows already that it is late.
    var isHeldAsSnubbed = false
    /// Blocks passed of late, as the driver was last told.
    var isHeldAsBusy = false

    // Requests of theirs

    var uploads = Deque<BlockRequest>()
    /// Pieces that we send it even while we choke it (BEP 6).
    var allowedFast: Set<PieceIndex> = []
    /// Requests that we turned down since the last choke.
    var rejectedCount = 0
    /// Questions of any kind that we turned down since the last tick.
    var refusedCount: Int32 = 0
    /// Questions that wait for their answers, and how much of what we said it has not taken.
    var answers: AnswerQueue

    // The rest

    package var download: RateMeter
    package var upload: RateMeter
    var extensions = RemoteExtensions()
    /// Messages of extensions wait for it.
    var hasExtensionBacklog = false
    /// Where it takes connections; for an incoming peer only once it has told its port.
    package var listensAt: PeerEndpoint?
    /// The client's name and version, as it says; for the user.
    package var client: String?
    var budget: MisbehaviourBudget
    var lastHeardAt: Instant
    var lastSaidAt: Instant

    /// A peer whose handshake is done. One that `isDoubted` is not counted on before its first block.
    init(
        _ introduction: PeerIntroduction,
        as source: BlockSource,
        pieceCount: Int,
        limits: SwarmLimits,
        isDoubted: Bool = false,
        at now: Instant
    ) {
        self.source = source
        endpoint = introduction.endpoint
        isIncoming = introduction.isIncoming
        id = introduction.handshake.peerID
        capabilities = introduction.handshake.capabilities
        speaksV2 = introduction.speaksV2
        connectedAt = now
        pieces = .none(count: pieceCount)
        answers = AnswerQueue(limits: AnswerQueue.Limits(limits))
        let requestLimits = RequestLimits(maxDepth: limits.outstandingRequestsPerPeer)
        pipeline = RequestPipeline(limits: requestLimits, isDoubted: isDoubted, at: now)
        isHeldAsSnubbed = isDoubted
        download = RateMeter(at: now)
        upload = RateMeter(at: now)
        listensAt = introduction.isIncoming ? nil : introduction.endpoint
        budget = MisbehaviourBudget(at: now)
        lastHeardAt = now
        lastSaidAt = now
    }

    /// Knows `have all`, `reject` and the like (BEP 6).
    var isFast: Bool { capabilities.contains(.fast) }
    /// Knows extended messages (BEP 10).
    var isExtended: Bool { capabilities.contains(.extended) }

    /// It is an HTTP server. Its address is no peer's: it is neither listed, counted nor banned.
    var isWebSeed: Bool {
        if case .webSeed = source { true } else { false }
    }
}

/// A new connection, as the driver presents it to the core.
package struct PeerIntroduction {
    /// The other end.
    package let endpoint: PeerEndpoint
    /// It came to us.
    package let isIncoming: Bool
    /// What it sent.
    package let handshake: Handshake
    /// The connection is about the v2 info-hash.
    package let speaksV2: Bool
    /// Our peer id has been sent. If not, the other side has not given up anything for this connection.
    package let isNamed: Bool
    /// Its number among the torrent's web seeds; nil for a peer.
    package let webSeed: Int?

    package init(
        endpoint: PeerEndpoint,
        isIncoming: Bool,
        handshake: Handshake,
        speaksV2: Bool,
        isNamed: Bool = true,
        webSeed: Int? = nil
    ) {
        self.endpoint = endpoint
        self.isIncoming = isIncoming
        self.handshake = handshake
        self.speaksV2 = speaksV2
        self.isNamed = isNamed
        self.webSeed = webSeed
    }
}

extension AnswerQueue.Limits {
    fileprivate init(_ limits: SwarmLimits) {
        self.init(
            unsentByteCount: limits.answerBytesPerPeer,
            metadataPartCount: limits.metadataPartsPerPeer,
            hashRequestCount: limits.hashRequestsPerPeer
        )
    }
}
