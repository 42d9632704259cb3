// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Totals over a torrent's life.
package struct ResumeTotals: Hashable, Sendable {
    /// Bytes sent to peers.
    package var uploadedBytes: UInt64 = 0
    /// Bytes received from peers.
    package var downloadedBytes: UInt64 = 0
    /// When the torrent was added, in seconds since 1970.
    package var addedSeconds: Int64 = 0

    /// All zero.
    package init() {}
}

/// What is known of a torrent's data without reading it.
///
/// Invariants: `verified` and `suspects` are disjoint; `unflushed` is a subset of `verified`.
package struct ResumeState: Hashable, Sendable {
    /// Pieces that are verified and on disk. They may be offered to peers.
    package internal(set) var verified: Bitfield
    /// Pieces that were verified once but may have changed since. They must be hashed before anything else is done.
    package internal(set) var suspects: Bitfield
    /// The last recorded facts of each file; the index after the last file stands for the parts file.
    package internal(set) var facts: [Int: FileFacts] = [:]
    /// The inodes of files that we created.
    package internal(set) var made: [Int: UInt64] = [:]
    /// The totals.
    package internal(set) var totals = ResumeTotals()
    /// Whether nothing happened since the last clean close.
    package internal(set) var wasClosedCleanly = false
    /// Whether there was no journal, so the content of the folder is unknown.
    package internal(set) var isFresh = true
    /// Verified pieces that a power cut might lose.
    package internal(set) var unflushed: Bitfield
    /// The boot of the system in which `unflushed` pieces were verified.
    var boot = BootID.unknown
    /// Whether there are more pieces than there were at first.
    private var hasGrown = false

    /// How many pieces there are.
    package var pieceCount: Int { verified.count }

    /// Creates a state in which nothing is known.
    init(pieceCount: Int) {
        verified = Bitfield(count: pieceCount)
        suspects = Bitfield(count: pieceCount)
        unflushed = Bitfield(count: pieceCount)
    }

    mutating func apply(_ record: ResumeRecord) {
        wasClosedCleanly = false
        switch record {
        case .opened(let boot): handleOpening(boot)
        case .verified(let runs): runs.forEachPiece { handleVerified($0) }
        case .lost(let runs): runs.forEachPiece { handleLost($0) }
        case .suspect(let runs): runs.forEachPiece { suspect($0) }
        case .flushed(let runs): runs.forEachPiece { unflushed.remove($0) }
        case .snapshot(let verified, let suspects, let unflushed): restore(verified, suspects, unflushed)
        case .facts(let facts): self.facts.merge(facts) { $1 }
        case .totals(let totals): self.totals = totals
        case .closed: wasClosedCleanly = true
        case .made(let files): made.merge(files) { $1 }
        case .grown(let pieceCount): grow(to: pieceCount)
        }
    }

    private mutating func grow(to pieceCount: Int) {
        hasGrown = true
        verified.grow(to: pieceCount)
        suspects.grow(to: pieceCount)
        unflushed.grow(to: pieceCount)
    }

    /// The whole state, as a rewritten journal begins.
    var records: [ResumeRecord] {
        [.opened(boot)] + (hasGrown ? [.grown(pieceCount: pieceCount)] : []) + [
            .snapshot(verified: verified, suspects: suspects, unflushed: unflushed), .totals(totals),
        ] + ResumeRecord.records(of: facts) + ResumeRecord.records(ofMade: made)
    }

    /// Makes every verified piece a suspect.
    mutating func suspectAll() {
        for piece in verified.indices { suspects.insert(piece) }
        verified = Bitfield(count: verified.count)
        unflushed = verified
    }

    private mutating func handleOpening(_ boot: BootID) {
        if !self.boot.isSameBoot(as: boot) {
            for piece in unflushed.indices { suspect(piece) }
        }
        self.boot = boot
    }

    private mutating func handleVerified(_ piece: PieceIndex) {
        verified.insert(piece)
        unflushed.insert(piece)
        suspects.remove(piece)
    }

    private mutating func handleLost(_ piece: PieceIndex) {
        verified.remove(piece)
        unflushed.remove(piece)
        suspects.remove(piece)
    }

    private mutating func suspect(_ piece: PieceIndex) {
        guard verified.remove(piece) else { return }
        unflushed.remove(piece)
        suspects.insert(piece)
    }

    private mutating func restore(_ verified: Bitfield, _ suspects: Bitfield, _ unflushed: Bitfield) {
        let none = Bitfield(count: self.verified.count)
        (self.verified, self.suspects, self.unflushed) = (none, none, none)
        for piece in verified.indices { self.verified.insert(piece) }
        for piece in unflushed.indices where verified[piece] { self.unflushed.insert(piece) }
        for piece in suspects.indices where !verified[piece] { self.suspects.insert(piece) }
    }
}
