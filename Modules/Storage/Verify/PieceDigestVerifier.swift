// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// A verifier that needs only digests of a piece, so the bytes can be processed in parts and need not be in memory at
/// once, as a recheck of very large pieces requires.
public protocol PieceDigestVerifier: PieceVerifier {
    /// What must be hashed to verify `piece`.
    func recipe(for piece: PieceIndex) -> PieceHashRecipe

    /// Verifies `piece` with digests made according to its recipe.
    func verdict(on piece: PieceIndex, digests: PieceDigests) -> PieceVerdict
}

/// Which hashes of a piece are needed.
public struct PieceHashRecipe: Hashable, Sendable {
    /// The SHA-1 of the whole piece (BEP 3).
    public var wantsSHA1: Bool
    /// Zero bytes that v1 hashes after the data (BEP 47). The leaves do not include them.
    public var paddingByteCount: Int
    /// The SHA-256 of each 16 KiB block (BEP 52).
    public var wantsLeaves: Bool

    /// By default nothing is hashed.
    public init(wantsSHA1: Bool = false, paddingByteCount: Int = 0, wantsLeaves: Bool = false) {
        self.wantsSHA1 = wantsSHA1
        self.paddingByteCount = paddingByteCount
        self.wantsLeaves = wantsLeaves
    }
}

/// The digests of one piece's data.
public struct PieceDigests: Hashable, Sendable {
    /// Bytes of data hashed, without padding.
    public var byteCount: Int
    /// The SHA-1 of data and padding; nil if not requested.
    public var sha1: SHA1Digest?
    /// The SHA-256 of each block, the last of which may be short; empty if not requested.
    public var leaves: [SHA256Digest]

    /// `byteCount` does not include padding.
    public init(byteCount: Int, sha1: SHA1Digest? = nil, leaves: [SHA256Digest] = []) {
        self.byteCount = byteCount
        self.sha1 = sha1
        self.leaves = leaves
    }
}
