// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// Decides whether bytes are correct: the seam between the engine and what a content trusts (a torrent's hashes, a feed's
/// signature).
///
/// A verifier is a snapshot of what is known. When more becomes known, such as piece layers from peers, the content creates
/// a new one. Calls come from several pool threads at once. The bytes come from strangers: they may have any length, and
/// the piece may not exist. `checkPieceVerifier` in RucheTesting checks a verifier.
public protocol PieceVerifier: Sendable {
    /// Verifies the data of `piece`.
    ///
    /// `chunks` hold all of the piece's data in order, without trailing padding. They may be split anywhere.
    func verdict(on piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) -> PieceVerdict

    /// Verifies several pieces, in order. By default one after the other; hashing them side by side is faster.
    func verdicts(on pieces: [PieceChunks]) -> [PieceVerdict]

    /// The same verifier, if it needs only digests: a check then reads pieces in parts. Nil by default: a check reads each
    /// piece whole.
    var digesting: (any PieceDigestVerifier)? { get }
}

extension PieceVerifier {
    /// Verifies one piece after the other.
    public func verdicts(on pieces: [PieceChunks]) -> [PieceVerdict] {
        pieces.map { verdict(on: $0.piece, chunks: $0.chunks) }
    }

    /// Nil: the verifier needs whole pieces.
    public var digesting: (any PieceDigestVerifier)? { nil }
}

/// A verifier's verdict on a piece.
public enum PieceVerdict: Hashable, Sendable {
    /// The bytes are those that the author hashed.
    case right
    /// The bytes are wrong. `leaves` are the SHA-256 digests of the received blocks, one per block. Once the true
    /// leaves are known, a comparison shows which blocks are bad. Empty if the content has no hash tree (v1).
    case wrong(leaves: [SHA256Digest])
    /// The piece cannot be verified yet, for example because its piece layer is unknown (BEP 52).
    case unknown
    /// The SHA-1 and SHA-256 hashes of a hybrid torrent disagree about the same bytes. The torrent contradicts itself,
    /// and no data can satisfy it.
    case disagreement
}
