// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Verifies pieces of a hybrid torrent with both kinds of hashes (BEP 52), in one pass over the bytes.
///
/// | SHA-1 | tree    | verdict      |
/// | ----- | ------- | ------------ |
/// | right | right   | right        |
/// | right | unknown | right        |
/// | wrong | unknown | wrong        |
/// | wrong | wrong   | wrong        |
/// | right | wrong   | disagreement |
/// | wrong | right   | disagreement |
package struct HybridPieceVerifier: PieceDigestVerifier {
    private let sha1: SHA1PieceVerifier
    private let merkle: MerklePieceVerifier

    /// Combines both verifiers, which must be of the same torrent.
    package init(sha1: SHA1PieceVerifier, merkle: MerklePieceVerifier) {
        self.sha1 = sha1
        self.merkle = merkle
    }

    /// Both kinds of hashes.
    package func recipe(for piece: PieceIndex) -> PieceHashRecipe {
        var recipe = sha1.recipe(for: piece)
        recipe.wantsLeaves = true
        return recipe
    }

    /// Combines both verdicts according to the table above.
    package func verdict(on piece: PieceIndex, digests: PieceDigests) -> PieceVerdict {
        switch (sha1.verdict(on: piece, digests: digests), merkle.verdict(on: piece, digests: digests)) {
        case (.right, .right), (.right, .unknown): .right
        case (.right, _), (_, .right): .disagreement
        case (.unknown, .unknown): .unknown
        default: .wrong(leaves: digests.leaves)
        }
    }
}
