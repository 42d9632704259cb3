// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Named limits of smart banning.
package struct SmartBanLimits: Hashable, Sendable {
    /// Blocks remembered over all pieces; the piece that failed longest ago is forgotten first.
    package var blockCount = 65_536

    /// The defaults.
    package init() {}
}

/// Finds out who sent the wrong blocks of a v1 piece that several peers gave to.
///
/// The blocks of a piece that did not verify are remembered by digest and sender. Once the piece verifies, each sender of
/// a block that differs is guilty. A source that alone sent all of a failed piece is guilty at once; peers at one address
/// are not one source. Leaves of v2 need none of this: they tell each bad block by itself. Owner: the swarm's core.
package struct SmartBan: Sendable {
    /// A strong digest of one block, cut to 128 bits.
    package struct BlockDigest: Hashable, Sendable {
        /// Its first 64 bits.
        package var high: UInt64
        /// The next.
        package var low: UInt64

        /// A digest from its halves.
        package init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }
    }

    private struct Suspicion: Sendable {
        var block: Int
        var sender: BlockSource
        var digest: BlockDigest
    }

    private let limits: SmartBanLimits
    private var suspicions: [PieceIndex: [Suspicion]] = [:]
    /// The remembered pieces, the oldest first.
    private var order: [PieceIndex] = []
    private var blockCount = 0

    /// Nobody is suspected.
    package init(limits: SmartBanLimits = SmartBanLimits()) { self.limits = limits }

    /// Whether `piece` failed before, so that its digests are needed when it verifies.
    package func remembers(_ piece: PieceIndex) -> Bool { suspicions[piece] != nil }

    /// A piece did not verify. `senders` and `digests` are by block. Appends who is guilty beyond doubt: the one
    /// source that sent all of it.
    package mutating func handlePieceFailed(
        _ piece: PieceIndex,
        senders: [BlockSource?],
        digests: [BlockDigest],
        culprits: inout [BlockSource]
    ) {
        guard let first = senders.first else { return }
        if let first, senders.allSatisfy({ $0 == first }) {
            if !culprits.contains(first) { culprits.append(first) }
            return
        }
        for (block, (sender, digest)) in zip(senders, digests).enumerated() {
            guard let sender else { continue }
            remember(Suspicion(block: block, sender: sender, digest: digest), of: piece)
        }
    }

    /// The piece verified: appends the senders of blocks that differ from these.
    package mutating func handlePieceVerified(
        _ piece: PieceIndex,
        digests: [BlockDigest],
        culprits: inout [BlockSource]
    ) {
        for suspicion in forget(piece) where suspicion.block < digests.count {
            let isGuilty = digests[suspicion.block] != suspicion.digest
            if isGuilty, !culprits.contains(suspicion.sender) { culprits.append(suspicion.sender) }
        }
    }

    private mutating func remember(_ suspicion: Suspicion, of piece: PieceIndex) {
        while blockCount >= limits.blockCount, let oldest = order.first { _ = forget(oldest) }
        if suspicions[piece] == nil { order.append(piece) }
        suspicions[piece, default: []].append(suspicion)
        blockCount += 1
    }

    private mutating func forget(_ piece: PieceIndex) -> [Suspicion] {
        guard let forgotten = suspicions.removeValue(forKey: piece) else { return [] }
        blockCount -= forgotten.count
        order.removeAll { $0 == piece }
        return forgotten
    }
}
