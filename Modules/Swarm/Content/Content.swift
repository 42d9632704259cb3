// SPDX-License-Identifier: Apache-2.0

public import RucheStorage
public import RucheWire

/// What a swarm shares if it is not a torrent: content that may grow while it is shared.
///
/// A content is a value on its swarm's event loop. Like a `PeerExtension` it has its own messages (BEP 10), by which
/// peers tell each other how long the content is and how its pieces are verified. The engine does the rest: it reads
/// `shape` after each call, learns which peer has which piece, downloads, verifies, stores and uploads them.
///
///     struct Log: Content {
///         static let name: ExtensionName = "xy_log"
///
///         let hashes: InfoHashes
///         private(set) var shape = ContentShape(pieceLength: 1 << 16)
///         private var digests: [SHA256Digest] = []
///
///         var verifier: any PieceVerifier { DigestList(digests) }
///
///         mutating func handle(_ piece: [UInt8], in batch: inout ExtensionBatch<Self>) {    // the writer's command
///             digests.append(SHA256.hash(piece))
///             shape.byteCount += piece.count
///             batch.store(piece, as: PieceIndex(digests.count - 1))
///             for peer in batch.peers { batch.send(encoded(digests.count - 1), to: peer) }
///         }
///
///         mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
///             …                                                                              // a follower checks and grows
///         }
///     }
///
/// Messages from peers must be checked before `shape` or `verifier` follow them: a peer that can make the content grow
/// can have anything stored. `Session.add(content:)` shares it; `checkContent` in RucheTesting checks that it obeys the
/// rules.
public protocol Content: PeerConversation, Sendable {
    /// The info-hashes by which peers find each other: any digest that all of them know, such as that of an author's
    /// key.
    var hashes: InfoHashes { get }
    /// Whether peers come only from trackers (BEP 27). False by default.
    var isPrivate: Bool { get }
    /// How much content there is. The engine reads it after each call; the first value may describe any amount.
    var shape: ContentShape { get }
    /// Verifies the pieces that `shape` describes. The engine reads it whenever `shape` has changed, and uses the value
    /// on other threads until then.
    var verifier: any PieceVerifier { get }

    /// Handles a verified and stored piece, whether it was downloaded or created with `ExtensionBatch.store`.
    mutating func handleStored(_ piece: PieceIndex, in batch: inout ExtensionBatch<Self>)
}

extension Content {
    /// False.
    public var isPrivate: Bool { false }
    /// No pieces, ever: a swarm whose peers only have messages for each other.
    public var shape: ContentShape { ContentShape(pieceLength: Block.byteCount) }
    /// Accepts no piece.
    public var verifier: any PieceVerifier { NoPieceVerifier() }

    /// Does nothing.
    public mutating func handleStored(_ piece: PieceIndex, in batch: inout ExtensionBatch<Self>) {}
}

extension ExtensionBatch where Body: Content {
    /// Stores a piece that this side has created. By the end of the call, `shape` must describe the piece, and
    /// `verifier` must accept it. Once it is on disk, it is announced to peers, and `Content.handleStored` is called.
    ///
    /// Returns false, and does nothing, while more than `ExtensionLimits.storedByteCount` waits to be stored.
    @discardableResult
    public mutating func store(_ bytes: [UInt8], as piece: PieceIndex) -> Bool {
        guard storingByteCount == 0 || storingByteCount + bytes.count <= ExtensionLimits.storedByteCount else {
            return false
        }
        storingByteCount += bytes.count
        outputs.append(.store(piece, bytes))
        return true
    }
}

/// Verifies nothing: for content without pieces.
public struct NoPieceVerifier: PieceVerifier {
    /// Creates a verifier.
    public init() {}

    /// Returns `.unknown`.
    public func verdict(on piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) -> PieceVerdict { .unknown }
}
