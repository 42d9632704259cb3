// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Pieces that a power cut may take, and those that a failed flush may have taken already.
///
/// After a flush that failed, a system may forget what it could not write, and call the next flush good. So a later flush
/// vouches only for what was written after the failure:
///
///     unflushed ──flush──▶ safe
///         │ ▲
///         │ └──read, judged right and written again── doubted
///         └──────────────a flush fails─────────────────▶ ┘
///
/// Owner: `TorrentDisk`.
struct UnflushedPieces {
    /// Stored since the last flush that was good.
    private var stored: Set<PieceIndex>
    /// Of these, the ones that a flush under way covers.
    private var covered: Set<PieceIndex> = []
    /// Written before a flush that failed.
    private(set) var doubted: Set<PieceIndex> = []

    /// `pieces`: those that an earlier process stored and did not flush.
    init(_ pieces: Bitfield?) { stored = Set(pieces?.indices.map(\.self) ?? []) }

    /// Notes pieces that are written just now.
    mutating func handleStored(_ pieces: some Sequence<PieceIndex>) {
        for piece in pieces {
            stored.insert(piece)
            covered.remove(piece)
            doubted.remove(piece)
        }
    }

    /// Notes pieces that are not there.
    mutating func handleLost(_ pieces: some Sequence<PieceIndex>) {
        for piece in pieces {
            stored.remove(piece)
            covered.remove(piece)
            doubted.remove(piece)
        }
    }

    /// A flush begins.
    mutating func handleFlushBegun() { covered = stored }

    /// The flush was good.
    mutating func handleFlushed() {
        stored.subtract(covered)
        covered = []
    }

    /// The flush has failed: what came while it was under way may be lost as well.
    mutating func handleFlushFailed() {
        doubted.formUnion(stored)
        covered = []
    }
}
