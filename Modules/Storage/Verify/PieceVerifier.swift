// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// Are these bytes right: the seam between the engine and what it trusts (hashes of a torrent, signature of a feed).
///
/// A verifier is a snapshot of what is known: when more becomes known (piece layers from peers), make a new one.
/// Calls come from several pool threads at once.
public protocol PieceVerifier: Sendable {
    /// Judges the data of `piece`.
    ///
    /// `chunks` hold all of the piece's data in order, without the padding at its end. They may be cut anywhere.
    func verdict(on piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) -> PieceVerdict
}

/// What a verifier says of a piece.
public enum PieceVerdict: Hashable, Sendable {
    /// The bytes are those that the author hashed.
    case right
    /// They are not. `leaves` are the SHA-256 digests of the blocks as they came, one a block: once the true leaves are
    /// known, comparing tells which blocks are bad. Empty where the torrent has no such tree (v1).
    case wrong(leaves: [SHA256Digest])
    /// It cannot be told yet: the piece layer that covers this piece is not known (BEP 52).
    case unknown
    /// The SHA-1 and the SHA-256 hashes of a hybrid torrent disagree over the same bytes: it contradicts itself, and no
    /// data can satisfy it.
    case disagreement
}
