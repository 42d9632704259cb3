// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A connected peer: its identity, and the state that each part of the core has of it. Owner: `PeerTable`, which is
/// never copied. It is an object, so that access to one field neither copies the others nor counts their references.
///
/// `download`, `upload` and `extensions` are each changed only by the part with that name.
package final class ConnectedPeer {
    /// The peer's slot in the table, from `PeerTable.insert` on.
    package internal(set) var slot = PeerSlot(rawValue: .max)
    /// The peer has left the table: nothing more is sent to it.
    package internal(set) var isGone = false
    /// The other side of the connection.
    package let endpoint: PeerEndpoint
    /// The peer connected to us.
    package let isIncoming: Bool
    /// The connection is over uTP.
    let usesUTP: Bool
    /// The peer id in its handshake.
    package let id: PeerID
    /// The extensions in its handshake.
    package let capabilities: Handshake.Capabilities
    /// The handshakes agreed on the v2 info-hash (BEP 52).
    package let speaksV2: Bool
    /// When the handshake was complete.
    package let connectedAt: Instant
    /// When the current incomplete message began to arrive; nil between messages.
    var unfinishedSince: Instant?
    /// Identifies the sender of its blocks.
    let source: BlockSource

    /// The pieces that it has.
    package var pieces: PeerPieces
    /// How it has described its pieces.
    var description = PeerDescription()
    /// It never wants anything from us (BEP 21).
    package var isUploadOnly = false

    /// What we download from it.
    package var download: PeerDownload
    /// What we upload to it.
    package var upload: PeerUpload
    /// The extended messages that it supports (BEP 10).
    var extensions = RemoteExtensions()
    /// The requests that wait for answers, and the bytes that its socket has not accepted.
    var answers: AnswerQueue
    /// A peer is disconnected if more than this is unsent. Includes our bitfield, which may be large and was not
    /// requested.
    var unsentByteLimit: UInt32
    /// The requests, of any kind, that we have refused since the last tick.
    var refusedCount: Int32 = 0

    /// Where it accepts connections; for an incoming peer only once it has named its port.
    package var listensAt: PeerEndpoint?
    /// It has told us the port of its DHT node.
    var hasNamedDHTNode = false
    /// The client's name and version according to the peer; for display.
    package var client: String?
    var budget: MisbehaviourBudget
    /// A peer at its address was convicted: until then blocks are requested from it only once a piece with one of its
    /// own has verified, and no metadata.
    var isDistrustedUntil = Instant.zero
    var lastHeardAt: Instant
    var lastSaidAt: Instant
    /// Whether blocks were transferred recently, as last reported to the driver.
    var isHeldAsBusy = false

    /// Creates a peer whose handshake is complete. One that `isDoubted` is not relied on before its first block.
    init(
        _ introduction: PeerIntroduction,
        as source: BlockSource,
        pieces: PeerPieces,
        bitfieldByteCount: Int = 0,
        limits: SwarmLimits,
        isDoubted: Bool = false,
        at now: Instant
    ) {
        self.source = source
        endpoint = introduction.endpoint
        isIncoming = introduction.isIncoming
        usesUTP = introduction.usesUTP
        id = introduction.handshake.peerID
        capabilities = introduction.handshake.capabilities
        speaksV2 = introduction.speaksV2
        connectedAt = now
        self.pieces = pieces
        unsentByteLimit = UInt32(clamping: limits.unsentBytesPerPeer + bitfieldByteCount)
        answers = AnswerQueue(limits: AnswerQueue.Limits(limits))
        download = PeerDownload(limits: limits, isDoubted: isDoubted, at: now)
        upload = PeerUpload(at: now)
        listensAt = introduction.isIncoming ? nil : introduction.endpoint
        budget = MisbehaviourBudget(at: now)
        lastHeardAt = now
        lastSaidAt = now
    }

    /// Queues a message for the peer; after it has left, does nothing.
    func send(_ message: PeerMessage, in batch: inout SwarmBatch) {
        guard !isGone else { return }
        lastSaidAt = batch.now
        answers.handleSent(message.byteCount)
        if isOverfull { batch.isAnyOverfull = true }
        batch.add(.send(slot, message))
    }

    /// Whether it does not read from its socket.
    var isOverfull: Bool { answers.unsentByteCount > Int(unsentByteLimit) }

    /// The peer supports `have all`, `reject` and the like (BEP 6).
    var isFast: Bool { capabilities.contains(.fast) }
    /// The peer supports extended messages (BEP 10).
    var isExtended: Bool { capabilities.contains(.extended) }

    /// It is an HTTP server. Its address is not a peer's: it is neither listed, counted nor banned.
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
