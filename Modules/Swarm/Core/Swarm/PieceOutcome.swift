// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto

/// The outcome of a complete piece.
package enum PieceOutcome: Sendable {
    /// It is correct, and stored. `digests`: one per block, if requested.
    case stored(digests: [SHA256Digest])
    /// It is wrong. `digests`: the SHA-256 digest of each block as received. `areLeaves`: they can be compared with
    /// true leaf hashes.
    case wrong(digests: [SHA256Digest], areLeaves: Bool)
    /// It cannot be verified yet: its piece layer is missing.
    case unknown
    /// The v1 and v2 hashes disagree about it.
    case disagreement
    /// The disk failed. The driver stops the torrent.
    case notStored
}
