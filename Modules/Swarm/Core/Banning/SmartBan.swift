// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Finds out who sent the wrong blocks of a v1 piece that several peers gave to.
package struct SmartBan: Sendable {
    /// A strong digest of one block, cut to 128 bits.
    package struct BlockDigest: Hashable, Sendable {
        package var high: UInt64
        package var low: UInt64
        package init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }
    }
    /// Empty.
    package init(limits: SmartBanLimits = SmartBanLimits()) {}
    /// A piece did not verify. `senders` and `digests` are by block. Appends those who are guilty beyond doubt: the sender of every block.
    package mutating func handlePieceFailed(
        _ piece: PieceIndex,
        senders: [IPAddress?],
        digests: [BlockDigest],
        culprits: inout [IPAddress]
    ) {}
    /// Whether `piece` failed before, so that its digests are needed when it verifies.
    package func remembers(_ piece: PieceIndex) -> Bool { false }
    /// The piece verified: appends whoever sent blocks that differ from these.
    package mutating func handlePieceVerified(
        _ piece: PieceIndex,
        digests: [BlockDigest],
        culprits: inout [IPAddress]
    ) {}
}

/// Named limits of smart banning.
package struct SmartBanLimits: Hashable, Sendable {
    /// Blocks remembered over all pieces; the oldest piece falls out.
    package var blockCount = 65_536

    /// The defaults.
    package init() {}
}
