// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Judges pieces of a hybrid torrent by both kinds of hashes (BEP 52), in one walk over the bytes.
///
/// | SHA-1 | tree    | verdict      |
/// | ----- | ------- | ------------ |
/// | right | right   | right        |
/// | right | unknown | right        |
/// | wrong | unknown | wrong        |
/// | wrong | wrong   | wrong        |
/// | right | wrong   | disagreement |
/// | wrong | right   | disagreement |
public struct HybridPieceVerifier: PieceDigestVerifier {
    private let sha1: SHA1PieceVerifier
    private let merkle: MerklePieceVerifier

    /// Judges by both.
    public init(sha1: SHA1PieceVerifier, merkle: MerklePieceVerifier) {
        self.sha1 = sha1
        self.merkle = merkle
    }

    /// Both hashes.
    public func recipe(for piece: PieceIndex) -> PieceHashRecipe {
        var recipe = sha1.recipe(for: piece)
        recipe.wantsLeaves = true
        return recipe
    }

    /// Judges by the table above.
    public func verdict(on piece: PieceIndex, digests: PieceDigests) -> PieceVerdict {
        switch (sha1.verdict(on: piece, digests: digests), merkle.verdict(on: piece, digests: digests)) {
        case (.right, .right), (.right, .unknown): .right
        case (.right, _), (_, .right): .disagreement
        case (.unknown, .unknown): .unknown
        default: .wrong(leaves: digests.leaves)
        }
    }
}
