// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheStorage
package import RucheWire

/// A feed: bytes that one author appends and signs, and that everyone who follows passes on.
///
/// The author signs heads; peers tell each other the newest one, with the nodes of the pieces that it adds. A peer that was
/// away asks for the nodes in blocks, each proved up to a peak of a head. A piece is wanted once its node is proven, so
/// nothing is stored or passed on unverified. docs/FEEDS.md describes the messages byte by byte.
///
///     author:    append ─▶ pieces stored ─▶ head signed ─▶ told to peers
///     follower:  head ─▶ signature ─▶ nodes: sent along, or asked for ─▶ pieces wanted ─▶ verified ─▶ stored
///
/// A feed whose author contradicts itself ends: nothing that follows can be trusted. Everyone keeps the proof, and shows
/// it to all.
package struct FeedContent: Content {
    /// Where a follower begins.
    package enum Start: Hashable, Sendable {
        case start
        /// The newest head that it hears of first, and this many pieces before its end.
        case liveEdge(pieces: Int)
    }

    /// What an app tells the author's feed. Others ignore it.
    package enum Command: Sendable {
        /// Appends bytes. The time is the author's clock, in milliseconds since 1970.
        case append([UInt8], millisecondsSince1970: Int64)
        /// Ends the feed after everything that was appended.
        case finish(millisecondsSince1970: Int64)
    }

    /// What a feed tells its app.
    package enum Report: Hashable, Sendable {
        /// A newer head is known; the author has signed it.
        case grown(FeedHead)
        /// The feed is over, because its author has signed what cannot both be true.
        case contradicted(FeedContradiction)
    }

    /// `ruche_feed`.
    package static let name: ExtensionName = "ruche_feed"
    /// Enough for the nodes of a long feed when a peer joins, and for a head with its tail several times a second.
    package static var limits: ExtensionLimits {
        var limits = ExtensionLimits()
        limits.messageByteCount = FeedMessage.maximumByteCount
        limits.receivedBytesPerSecond = 256 << 10
        limits.sentBytesPerSecond = 256 << 10
        limits.receivedBurstByteCount = 1 << 20
        return limits
    }

    package let author: Ed25519.PublicKey
    package let hashes: InfoHashes
    package internal(set) var shape: ContentShape

    /// The newest head; nil before the first.
    package internal(set) var head: FeedHead?
    /// The proven bytes after the last whole piece, if they are fewer than a leaf.
    package internal(set) var tail: [UInt8] = []
    /// The proof that the author has contradicted itself.
    package internal(set) var contradiction: FeedContradiction?

    let start: Start
    /// What is proven of the tree; nil before the first head.
    var nodes: FeedNodes?
    /// The newest head whose pieces are all proven.
    var settled: FeedHead?
    /// The blocks that peers have been asked for, by their first piece.
    var asked = FeedAsks()
    var writer: FeedWriter?

    /// Follows the feed of `author`, whose pieces have `pieceLength` bytes: a power of two, at least 16 KiB.
    package init(of author: Ed25519.PublicKey, pieceLength: Int, from start: Start = .start) {
        self.init(author, pieceLength, start)
    }

    /// Creates the author's own feed, which is empty.
    package init(signedWith key: Ed25519.PrivateKey, pieceLength: Int) {
        self.init(key.publicKey, pieceLength, .start)
        writer = FeedWriter(key: key)
        nodes = FeedNodes(layer: FeedVerifier.layer(pieceLength), first: 0)
    }

    private init(_ author: Ed25519.PublicKey, _ pieceLength: Int, _ start: Start) {
        self.author = author
        self.start = start
        shape = ContentShape(pieceLength: pieceLength)
        hashes = InfoHashes(v1: SHA1.hash(Array("ruche feed\0".utf8) + author.bytes))
    }

    /// Verifies against the proven nodes.
    package var verifier: any PieceVerifier {
        FeedVerifier(
            pieceLength: shape.pieceLength,
            first: nodes?.first ?? 0,
            nodes: nodes?.pieces ?? DigestRow(),
            shortPiece: shape.isClosed ? shortPiece : nil
        )
    }

    /// The number of leaves in a piece, as a power of two.
    var layer: Int { FeedVerifier.layer(shape.pieceLength) }

    /// The number of whole pieces up to a head.
    func pieceCount(of head: FeedHead) -> Int { head.completeLeafCount >> layer }

    /// The peaks of a head that cover its whole pieces.
    func piecePeaks(of head: FeedHead) -> [SHA256Digest] {
        Array(head.peaks.prefix(pieceCount(of: head).nonzeroBitCount))
    }
}

/// What is known of a peer of a feed.
package struct FeedPeer {
    /// The length of the newest head that it has told us of, or that we have told it.
    var byteCount = 0
    /// Whether it knows that the feed has ended.
    var knowsEnd = false
    /// When it may be asked for nodes again.
    var restsUntil = Instant.zero
}

extension FeedContent {
    /// Nothing is known of it.
    package func makeState(for peer: PeerFacts) -> FeedPeer { FeedPeer() }

    /// Handles a peer's event.
    package mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch event {
        case .joined, .hasRoom: tell(peer, in: &batch)
        case .message(let bytes): handle(FeedMessage(bytes), from: peer, in: &batch)
        case .left: asked.handleLeft(peer)
        }
        askForNodes(in: &batch)
    }

    private mutating func handle(_ message: FeedMessage?, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch message {
        case nil: batch.misbehaved(peer)
        case .head(let head, let tail, let first, let nodes):
            handle(head, tail, nodes, from: first, by: peer, in: &batch)
        case .ask(let block): answer(block, to: peer, in: &batch)
        case .proof(let block, let nodes, let uncles):
            handle(FeedProof(block, nodes, uncles, layer: layer), by: peer, in: &batch)
        case .lacks(let first): handleLacking(first, at: peer, in: &batch)
        case .contradiction(let proof): handle(proof, by: peer, in: &batch)
        }
    }

    /// Asks again what has not been answered in time.
    package mutating func handleTimer(in batch: inout ExtensionBatch<Self>) { askForNodes(in: &batch) }
}
