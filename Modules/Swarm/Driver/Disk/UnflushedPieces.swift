// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Pieces that a power cut may destroy, and those that a failed flush may have lost already.
///
/// After a failed flush, a system may forget what it could not write, and report success for the next one. Thus a later
/// flush vouches only for what was written after the failure:
///
///     unflushed ──flush──▶ safe
///         │ ▲
///         │ └──read, judged right and written again── doubted
///         └──────────────a flush fails─────────────────▶ ┘
///
/// Owner: `TorrentDisk`.
struct UnflushedPieces {
    /// Stored since the last successful flush.
    private var stored: Set<PieceIndex>
    /// Those of them that a running flush covers.
    private var covered: Set<PieceIndex> = []
    /// Written before a failed flush.
    private(set) var doubted: Set<PieceIndex> = []

    /// Creates the state. `pieces`: those that an earlier process stored and did not flush.
    init(_ pieces: Bitfield?) { stored = Set(pieces?.indices.map(\.self) ?? []) }

    /// Records pieces that have just been written.
    mutating func handleStored(_ pieces: some Sequence<PieceIndex>) {
        for piece in pieces {
            stored.insert(piece)
            covered.remove(piece)
            doubted.remove(piece)
        }
    }

    /// Records pieces that are lost.
    mutating func handleLost(_ pieces: some Sequence<PieceIndex>) {
        for piece in pieces {
            stored.remove(piece)
            covered.remove(piece)
            doubted.remove(piece)
        }
    }

    /// Records that a flush starts.
    mutating func handleFlushBegun() { covered = stored }

    /// Records a successful flush.
    mutating func handleFlushed() {
        stored.subtract(covered)
        covered = []
    }

    /// Records a failed flush: pieces stored while it ran may be lost as well.
    mutating func handleFlushFailed() {
        doubted.formUnion(stored)
        covered = []
    }
}
