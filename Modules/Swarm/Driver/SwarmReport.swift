// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheWire

/// What a torrent learns from its driver.
package enum SwarmReport: Sendable {
    /// The info dictionary, which matches its hash.
    case metadata([UInt8])
    /// Piece layers that peers sent.
    case pieceLayers([SHA256Digest: [SHA256Digest]])
    /// Everything wanted is stored.
    case completed
    /// Stored data is gone.
    case lost
    /// The torrent contradicts itself at this piece.
    case contradiction(PieceIndex)
    /// The disk has failed for long, or has recovered (nil).
    case trouble(DiskTrouble?)
}
