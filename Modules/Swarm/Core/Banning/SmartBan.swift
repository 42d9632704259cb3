// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The limits of smart banning.
package struct SmartBanLimits: Hashable, Sendable {
    /// Blocks remembered for all pieces; the piece that failed longest ago is forgotten first.
    package var blockCount = 65_536

    /// Creates the default limits.
    package init() {}
}

/// Finds the senders of the wrong blocks of a v1 piece that came from several peers.
///
/// The blocks of a piece that failed verification are remembered by digest and sender. Once the piece verifies, each
/// sender of a block that differs is guilty. A source that sent all of a failed piece is guilty at once; peers at one
/// address are not one source. v2 leaf hashes make this unnecessary: they identify each bad block. Owner: the swarm's
/// core.
package struct SmartBan: Sendable {
    /// A strong digest of one block, truncated to 128 bits.
    package struct BlockDigest: Hashable, Sendable {
        /// The first 64 bits.
        package var high: UInt64
        /// The next 64 bits.
        package var low: UInt64

        /// Creates a digest from its halves.
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

    /// Creates an instance that suspects no peer.
    package init(limits: SmartBanLimits = SmartBanLimits()) { self.limits = limits }

    /// Whether `piece` has failed before, so that its digests are needed when it verifies.
    package func remembers(_ piece: PieceIndex) -> Bool { suspicions[piece] != nil }

    /// Handles a piece that failed verification. `senders` and `digests` are by block. Appends the sender that is
    /// certainly guilty: a single source of the whole piece.
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

    /// Handles a piece that verified. Appends the senders of blocks that differ from these.
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
