// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheWire

/// The pieces that a peer may request while it is choked (BEP 6, "Allowed Fast Set Generation").
package enum AllowedFast {
    /// The number of pieces that we allow.
    package static let defaultCount = 10

    /// Returns the set for a peer at `address`, in the order of the canonical algorithm; empty for IPv6, which BEP 6
    /// does not cover.
    package static func pieces(
        for address: IPAddress,
        infoHash: SHA1Digest,
        pieceCount: Int,
        count: Int = defaultCount
    ) -> [PieceIndex] {
        guard address.isIPv4, pieceCount > 0, pieceCount <= UInt32.max else { return [] }
        let network = UInt32(truncatingIfNeeded: address.low) & 0xffff_ff00
        var digest = SHA1.hash(network.bigEndianBytes + infoHash.bytes).bytes
        var pieces: [PieceIndex] = []
        let goal = min(count, pieceCount)
        while pieces.count < goal {
            for start in stride(from: 0, to: digest.count, by: 4) where pieces.count < goal {
                let number = digest[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                let piece = PieceIndex(number % UInt32(truncatingIfNeeded: pieceCount))
                if !pieces.contains(piece) { pieces.append(piece) }
            }
            digest = SHA1.hash(digest).bytes
        }
        return pieces
    }
}

extension FixedWidthInteger {
    /// Most significant byte first.
    var bigEndianBytes: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> Self($0)) }
    }
}
