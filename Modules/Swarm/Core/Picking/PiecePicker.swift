// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Decides which block to ask of whom: holds how rare each piece is, how much it is wanted, and which blocks of the
/// begun pieces are asked for or here.
///
///     free ──nextRequests──► open ──handlePieceVerified──► had
///      ▲                      │                             │
///      └─handlePieceFailed────┴────────handlePieceLost──────┘
///
/// A peer first goes on with the piece that it works on, then helps with a begun one, then begins one: of the highest
/// priority the rarest, by chance among equals. When nothing is left to ask for, what others owe for long is asked for
/// a second time (endgame), and cancelled where it is not needed any more.
///
/// Owner: the swarm's core, on one thread. Invariants: see `checkInvariants`; every block is free, asked for or here;
/// open pieces stay within `PickerLimits`. Pieces and peers that come as arguments exist, since the core checked them;
/// those that don't are ignored all the same.
package struct PiecePicker: Sendable {
    /// The cut into pieces and blocks.
    package let geometry: PieceGeometry
    /// Verified and on disk.
    package internal(set) var have: Bitfield
    /// In which order pieces of one priority are begun.
    package var mode = PickMode.rarestFirst {
        didSet {
            guard mode != oldValue else { return }
            let order = order
            open.setInOrder(mode == .inOrder) { order.records[Int($0)].priority }
        }
    }
    /// Its bounds.
    package internal(set) var limits: PickerLimits
    /// Peers that have everything, left out of each piece's own count.
    package internal(set) var seedCount = 0
    /// Bytes of blocks that were accepted.
    package internal(set) var acceptedByteCount = 0
    /// Bytes that came although we had them.
    package internal(set) var redundantByteCount = 0
    /// Bytes of received blocks of pieces that are still open.
    package internal(set) var partialByteCount = 0

    var order: PieceOrder
    var open: OpenPieces
    var outstanding = OutstandingRequests()
    var senders = BlockSenders()
    var deadlines = PieceDeadlines()
    /// The piece that each peer works on, by slot; `OpenPieces.none` for nothing.
    var currentPieces: [UInt32] = []
    var random: SeededRandom
    let work: WorkMeter
    /// No pickable piece lies in a word before this one.
    var firstPickableWord = 0
    /// Bytes asked for a second time before endgame.
    var speculativeByteCount = 0

    /// For a torrent cut as `geometry`, of which `have` is verified and on disk. `seed` decides all random choices.
    ///
    /// A piece without data (all padding) is never picked: whoever owns the picker verifies it straight away and
    /// calls `handlePieceVerified`.
    package init(
        geometry: PieceGeometry,
        have: Bitfield,
        limits: PickerLimits = PickerLimits(),
        seed: UInt64,
        work: WorkMeter = WorkMeter()
    ) {
        self.geometry = geometry
        self.work = work
        self.have = have.count == geometry.pieceCount ? have : Bitfield(count: geometry.pieceCount)
        self.limits = limits
        random = SeededRandom(seed: seed)
        open = OpenPieces(blocksPerSlot: max(1, (geometry.pieceLength + Block.byteCount - 1) / Block.byteCount))
        order = PieceOrder(pieceCount: geometry.pieceCount, work: work)
        for index in 0..<geometry.pieceCount {
            if self.have[PieceIndex(index)] {
                order.setState(.had, of: index)
            } else if geometry.blockCount(of: PieceIndex(index)) == 0 {
                order.setState(.dataless, of: index)
            }
        }
    }
}

extension PiecePicker {
    /// Whether a peer that has `piece` is of interest for it. O(1).
    package func wants(_ piece: PieceIndex) -> Bool {
        guard piece.int < order.count else { return false }
        let record = order.records[piece.int]
        return record.isPickable || record.state == .open
    }

    /// How many pieces that we want are in `pieces`. O(pieces / 64), and O(1) for a seed.
    package func wantedCount(in pieces: PeerPieces) -> Int {
        if case .all = pieces { return missingPieceCount }
        work.add(order.pickable.count + open.active.count)
        var count = 0
        for (index, word) in order.pickable.enumerated() { count += (word & pieces.word(index)).nonzeroBitCount }
        for slot in open.active where pieces[PieceIndex(open.slots[slot].index)] { count += 1 }
        return count
    }

    /// Whether any piece that we want is in `pieces`.
    package func wantsAny(of pieces: PeerPieces) -> Bool {
        if open.active.contains(where: { pieces[PieceIndex(open.slots[$0].index)] }) { return true }
        guard order.pickableCount > 0 else { return false }
        return order.pickable.indices.contains { order.pickable[$0] & pieces.word($0) != 0 }
    }

    /// Whether all that is wanted is had.
    package var isFinished: Bool { missingPieceCount == 0 }

    /// Whether every block that is wanted is here or asked for.
    package var isEndgame: Bool { order.pickableCount == 0 && open.freeBlockCount == 0 && outstanding.count > 0 }

    /// Pieces begun and not yet verified.
    package var openPieceCount: Int { open.count }

    /// Their memory, bytes.
    package var openByteCount: Int { open.byteCount }

    /// Pieces wanted and not had, the open ones included.
    package var missingPieceCount: Int { order.pickableCount + open.count }

    /// Blocks asked for and not here, each request counted.
    package var outstandingCount: Int { outstanding.count }

    /// Whether every block of `piece` is here, and it waits to be verified.
    package func isComplete(_ piece: PieceIndex) -> Bool {
        guard let slot = openSlot(of: piece) else { return false }
        return open.slots[slot].receivedCount == open.slots[slot].blockCount
    }

    /// How much `piece` is wanted.
    package func priority(of piece: PieceIndex) -> PiecePriority {
        piece.int < order.count ? order.records[piece.int].priority : .skip
    }

    /// Who sent each block of an open piece; nil where the block is not here.
    package func contributors(of piece: PieceIndex) -> [IPAddress?] {
        guard let slot = openSlot(of: piece) else { return [] }
        let first = open.firstBlock(of: slot)
        return open.blocks[first..<first + open.slots[slot].blockCount].map { block in
            block.isReceived ? senders.address(block.link) : nil
        }
    }

    /// The slot of `piece` where it is open.
    func openSlot(of piece: PieceIndex) -> Int? {
        guard piece.int < order.count, order.records[piece.int].state == .open else { return nil }
        return Int(order.records[piece.int].place)
    }
}
