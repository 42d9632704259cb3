// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A connected peer: who it is, and what each part of the core keeps of it. Owner: `PeerTable`, which nobody copies; an
/// object, so that a look at one field neither copies the others nor counts their references.
///
/// `download`, `upload` and `extensions` are each changed by the part of that name alone.
package final class ConnectedPeer {
    /// The peer's place in the table, from `PeerTable.insert` on.
    package internal(set) var slot = PeerSlot(rawValue: .max)
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

    /// What it has.
    package var pieces: PeerPieces
    /// How it says what it has.
    var description = PeerDescription()
    /// It wants nothing from us, ever (BEP 21).
    package var isUploadOnly = false

    /// What we download from it.
    package var download: PeerDownload
    /// What we upload to it.
    package var upload: PeerUpload
    /// The extended messages that it understands (BEP 10).
    var extensions = RemoteExtensions()
    /// The questions that wait for their answers, and the bytes that its socket has not taken.
    var answers: AnswerQueue
    /// The questions, of any kind, that we have turned down since the last tick.
    var refusedCount: Int32 = 0

    /// Where it takes connections; for an incoming peer only once it has told its port.
    package var listensAt: PeerEndpoint?
    /// The client's name and version, as it says; for the user.
    package var client: String?
    var budget: MisbehaviourBudget
    /// Somebody at its address was convicted: until then it is asked for blocks only once a piece with one of its own has
    /// verified, and for no metadata.
    var isDistrustedUntil = Instant.zero
    var lastHeardAt: Instant
    var lastSaidAt: Instant
    /// Whether blocks have passed of late, as the driver was last told.
    var isHeldAsBusy = false

    /// A peer whose handshake is done. One that `isDoubted` is not counted on before its first block.
    init(
        _ introduction: PeerIntroduction,
        as source: BlockSource,
        pieces: PeerPieces,
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
        self.pieces = pieces
        answers = AnswerQueue(limits: AnswerQueue.Limits(limits))
        download = PeerDownload(limits: limits, isDoubted: isDoubted, at: now)
        upload = PeerUpload(at: now)
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

extension AnswerQueue.Limits {
    fileprivate init(_ limits: SwarmLimits) {
        self.init(
            unsentByteCount: limits.answerBytesPerPeer,
            metadataPartCount: limits.metadataPartsPerPeer,
            hashRequestCount: limits.hashRequestsPerPeer
        )
    }
}
