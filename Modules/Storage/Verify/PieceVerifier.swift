// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// Decides whether bytes are correct: the seam between the engine and what it trusts (a torrent's hashes, a feed's
/// signature).
///
/// A verifier is a snapshot of what is known. Create a new one when more becomes known, such as piece layers from
/// peers. Calls come from several pool threads at once.
public protocol PieceVerifier: Sendable {
    /// Verifies the data of `piece`.
    ///
    /// `chunks` hold all of the piece's data in order, without trailing padding. They may be split anywhere.
    func verdict(on piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) -> PieceVerdict
}

/// A verifier's verdict on a piece.
public enum PieceVerdict: Hashable, Sendable {
    /// The bytes are those that the author hashed.
    case right
    /// The bytes are wrong. `leaves` are the SHA-256 digests of the received blocks, one per block. Once the true
    /// leaves are known, a comparison shows which blocks are bad. Empty if the torrent has no hash tree (v1).
    case wrong(leaves: [SHA256Digest])
    /// The piece cannot be verified yet, because its piece layer is unknown (BEP 52).
    case unknown
    /// The SHA-1 and SHA-256 hashes of a hybrid torrent disagree about the same bytes. The torrent contradicts itself,
    /// and no data can satisfy it.
    case disagreement
}
