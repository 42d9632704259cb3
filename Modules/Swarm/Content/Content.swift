// SPDX-License-Identifier: Apache-2.0

public import RucheStorage
public import RucheWire

/// What a swarm shares, where that is not a torrent: content that may grow while it is shared.
///
/// A content is a value on its swarm's event loop. Like a `PeerExtension` it has messages of its own (BEP 10), by which
/// peers tell each other how far the content reaches and what its pieces are verified by. The engine does the rest: it
/// looks at `shape` after each call, finds out who has which piece, fetches, verifies, stores and gives them.
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
/// What peers say must be checked before `shape` or `verifier` follow it: whoever can make the content grow can have
/// anything stored. `Session.add(content:)` shares it; `checkContent` in RucheTesting checks that it keeps to the rules.
public protocol Content: PeerConversation, Sendable {
    /// The info-hashes by which peers find each other: any digest that all of them know, such as that of an author's key.
    var hashes: InfoHashes { get }
    /// Whether peers come from trackers alone (BEP 27). False unless said otherwise.
    var isPrivate: Bool { get }
    /// How much there is. The engine asks after each call; the first answer may describe any amount.
    var shape: ContentShape { get }
    /// What verifies the pieces that `shape` describes. The engine asks whenever `shape` has changed, and uses the answer on
    /// other threads until then.
    var verifier: any PieceVerifier { get }

    /// Handles that a piece is verified and stored, whether it was fetched or given by `ExtensionBatch.store`.
    mutating func handleStored(_ piece: PieceIndex, in batch: inout ExtensionBatch<Self>)
}

extension Content {
    /// False.
    public var isPrivate: Bool { false }
    /// Nothing, for ever: a swarm whose peers have only messages for each other.
    public var shape: ContentShape { ContentShape(pieceLength: Block.byteCount) }
    /// Finds nothing right.
    public var verifier: any PieceVerifier { NoPieceVerifier() }

    /// Does nothing.
    public mutating func handleStored(_ piece: PieceIndex, in batch: inout ExtensionBatch<Self>) {}
}

extension ExtensionBatch where Body: Content {
    /// Stores a piece that this side has made. `shape` must describe the piece, and `verifier` must find it right, by the end
    /// of the call; peers are told of the piece once it is on disk, and `Content.handleStored` is called then.
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

/// Verifies nothing: for content that has no pieces.
public struct NoPieceVerifier: PieceVerifier {
    /// Creates one.
    public init() {}

    /// Returns `.unknown`.
    public func verdict(on piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) -> PieceVerdict { .unknown }
}
