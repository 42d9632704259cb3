// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Decides which block to request from which peer. It knows how rare each piece is, how much it is wanted, and which
/// blocks of the open pieces have been requested or received.
///
///     free ──nextRequests──► open ──handlePieceVerified──► had
///      ▲                      │                             │
///      └─handlePieceFailed────┴────────handlePieceLost──────┘
///
/// A peer first continues with its current piece, then helps with an open one, then opens a new one: the rarest of the
/// highest priority, at random among equals. When nothing is left to request, blocks that others have owed for long are
/// requested a second time (endgame), and the redundant requests are cancelled.
///
/// The swarm's core owns it, on one thread. Invariants: see `brokenInvariants`; every block is free, requested or
/// received; open pieces stay within `PickerLimits`. The core checks the pieces and peers that it passes; any that do
/// not exist are ignored.
package struct PiecePicker: Sendable {
    /// The division of the content into pieces and blocks.
    package internal(set) var geometry: PieceGeometry
    /// The pieces that are verified and on disk.
    package internal(set) var have: Bitfield
    /// The first piece that is still shared; 0 unless the content keeps a window.
    package internal(set) var firstPiece = 0
    /// The limits of the picker.
    package internal(set) var limits: PickerLimits
    /// The number of peers that have everything. The counts of individual pieces leave them out.
    package internal(set) var seedCount = 0
    /// The number of bytes in accepted blocks.
    package internal(set) var acceptedByteCount = 0
    /// The number of bytes received although we already had them.
    package internal(set) var redundantByteCount = 0
    /// The number of bytes received for pieces that are still open.
    package internal(set) var partialByteCount = 0

    var buckets: PieceBuckets
    /// Pieces of the same priority are opened by index.
    var isInOrder = false
    /// The time of the last call that told it, for an app's order.
    var time = Instant.zero
    var open: OpenPieces
    var outstanding: OutstandingRequests
    var spareCells: SpareCells
    var senders = BlockSenders()
    var deadlines = PieceDeadlines()
    /// The pieces whose deadlines the peer of this call would miss, while others may still meet them.
    var missed: [UInt32] = []
    /// The current piece of each peer, by slot; `OpenPieces.none` if it has none.
    var currentPieces: [UInt32] = []
    var requesters = Requesters()
    var random: SeededRandom
    let work: WorkMeter
    /// No word before this one has a pickable piece.
    var firstPickableWord = 0
    /// What may be requested twice at the end of a download, or while slow peers hold all open pieces.
    var duplicates = DuplicateBudget()
    /// What may be requested twice because it would miss a deadline.
    var hedges = DuplicateBudget()

    /// Creates a picker for a torrent with `geometry`, of which `have` is verified and on disk. `seed` determines all
    /// random choices.
    ///
    /// A piece without data (all padding) is never picked. The picker's owner must verify it right away and call
    /// `handlePieceVerified`.
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
        outstanding = OutstandingRequests(firstGeneration: UInt32(truncatingIfNeeded: seed >> 32))
        spareCells = SpareCells(count: limits.spareBlockCount)
        open = OpenPieces(blocksPerSlot: max(1, (geometry.pieceLength + Block.byteCount - 1) / Block.byteCount))
        buckets = PieceBuckets(pieceCount: geometry.pieceCount, work: work)
        for index in 0..<geometry.pieceCount {
            if self.have[PieceIndex(index)] {
                buckets.setState(.had, of: index)
            } else if geometry.blockCount(of: PieceIndex(index)) == 0 {
                buckets.setState(.dataless, of: index)
            }
        }
    }
}

extension PiecePicker {
    /// Returns whether we want `piece` from a peer that has it. O(1).
    package func wants(_ piece: PieceIndex) -> Bool {
        guard piece.int < buckets.count else { return false }
        let record = buckets.records[piece.int]
        return record.isPickable || record.state == .open && piece.int >= firstPiece
    }

    /// Returns the number of pieces in `pieces` that we want. O(pieces / 64), and O(1) for a seed.
    package func wantedCount(in pieces: PeerPieces) -> Int {
        if case .all = pieces { return missingPieceCount }
        work.add(buckets.pickable.count + open.active.count)
        var count = 0
        for (index, word) in buckets.pickable.enumerated() { count += (word & pieces.word(index)).nonzeroBitCount }
        for slot in open.active where wants(PieceIndex(open.slots[slot].index)) {
            if pieces[PieceIndex(open.slots[slot].index)] { count += 1 }
        }
        return count
    }

    /// Whether we have all wanted pieces.
    package var isFinished: Bool { missingPieceCount == 0 }

    /// Whether every wanted block has been received or requested.
    package var isEndgame: Bool { buckets.pickableCount == 0 && open.freeBlockCount == 0 && outstanding.count > 0 }

    /// The number of open pieces.
    package var openPieceCount: Int { open.count }

    /// The length of all open pieces in bytes.
    package var openByteCount: Int { open.byteCount }

    /// The number of wanted pieces that we do not have, open ones included.
    package var missingPieceCount: Int { buckets.pickableCount + open.count }

    /// The number of outstanding requests; a block requested twice counts twice.
    package var outstandingCount: Int { outstanding.count }

    /// Returns whether every block of `piece` has been received, and it waits to be verified.
    package func isComplete(_ piece: PieceIndex) -> Bool {
        guard let slot = openSlot(of: piece) else { return false }
        return open.slots[slot].receivedCount == open.slots[slot].blockCount
    }

    /// Returns the priority of `piece`; `skip` if it does not exist.
    package func priority(of piece: PieceIndex) -> FetchPriority {
        piece.int < buckets.count ? buckets.records[piece.int].priority : .skip
    }

    /// Returns the sender of each block of an open piece; nil if the block has not arrived.
    package func contributors(of piece: PieceIndex) -> [BlockSource?] {
        guard let slot = openSlot(of: piece) else { return [] }
        let first = open.firstBlock(of: slot)
        return open.blocks[first..<first + open.slots[slot].blockCount].map { block in
            block.isReceived ? senders.source(block.link) : nil
        }
    }

    /// The blocks of an open piece are right: their senders are shown to be honest.
    package mutating func handleShownRight(_ piece: PieceIndex) {
        guard let slot = openSlot(of: piece) else { return }
        let first = open.firstBlock(of: slot)
        for index in first..<first + open.slots[slot].blockCount where open.blocks[index].isReceived {
            senders.handleVerified(open.blocks[index].link)
        }
    }

    /// Returns whether a piece with a block of `peer`, by this connection, has verified.
    package func isShownRight(_ peer: PeerSlot) -> Bool { senders.isShownRight(peer) }

    /// Returns the slot of `piece` if it is open.
    func openSlot(of piece: PieceIndex) -> Int? {
        guard piece.int < buckets.count, buckets.records[piece.int].state == .open else { return nil }
        return Int(buckets.records[piece.int].place)
    }
}
