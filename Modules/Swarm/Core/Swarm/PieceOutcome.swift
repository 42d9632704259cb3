// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto

/// What became of a complete piece.
package enum PieceOutcome: Sendable {
    /// It is right, and stored. `digests`: one a block, if they were wanted.
    case stored(digests: [SHA256Digest])
    /// It is wrong. `digests`: the SHA-256 digest of each block as it came. `areLeaves`: true leaves can be had to
    /// compare with.
    case wrong(digests: [SHA256Digest], areLeaves: Bool)
    /// It cannot be told yet: its piece layer is missing.
    case unknown
    /// v1 and v2 hashes disagree about it.
    case disagreement
    /// The disk failed. The driver stops the torrent.
    case notStored
}
