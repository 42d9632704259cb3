// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// A verifier that needs only digests of the piece, so that the bytes may pass by in parts and never stand in memory at
/// once: what a recheck of very large pieces requires.
public protocol PieceDigestVerifier: PieceVerifier {
    /// What has to be hashed to judge `piece`.
    func recipe(for piece: PieceIndex) -> PieceHashRecipe

    /// Judges `piece` by digests made to its recipe.
    func verdict(on piece: PieceIndex, digests: PieceDigests) -> PieceVerdict
}

/// Which hashes of a piece are wanted.
public struct PieceHashRecipe: Hashable, Sendable {
    /// The SHA-1 of the whole piece (BEP 3).
    public var wantsSHA1: Bool
    /// Zero bytes that v1 hashes after the data (BEP 47). They are no part of the leaves.
    public var paddingByteCount: Int
    /// The SHA-256 of each 16 KiB block (BEP 52).
    public var wantsLeaves: Bool

    /// A recipe from its parts.
    public init(wantsSHA1: Bool = false, paddingByteCount: Int = 0, wantsLeaves: Bool = false) {
        self.wantsSHA1 = wantsSHA1
        self.paddingByteCount = paddingByteCount
        self.wantsLeaves = wantsLeaves
    }
}

/// The digests of one piece's data.
public struct PieceDigests: Hashable, Sendable {
    /// Bytes of data hashed, padding not counted.
    public var byteCount: Int
    /// SHA-1 of data and padding; nil where not wanted.
    public var sha1: SHA1Digest?
    /// SHA-256 of each block, the last one perhaps short; empty where not wanted.
    public var leaves: [SHA256Digest]

    /// Digests from their parts.
    public init(byteCount: Int, sha1: SHA1Digest? = nil, leaves: [SHA256Digest] = []) {
        self.byteCount = byteCount
        self.sha1 = sha1
        self.leaves = leaves
    }
}
