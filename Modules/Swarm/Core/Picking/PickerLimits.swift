// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Named limits of the picker.
package struct PickerLimits: Hashable, Sendable {
    /// Memory for begun pieces: each costs its length until it is verified or given up; bytes.
    package var openByteCount = 256 << 20
    /// Begun pieces, whatever their length.
    package var openPieceCount = 8192
    /// Pieces that may be open even where they exceed `openByteCount`: with fewer a slow peer could stop a download.
    package var minOpenPieceCount = 2
    /// Pieces had before rarest first begins; until then random ones, to have something to trade soon.
    package var randomFirstPieceCount = 4
    /// Requests for one block at a time, the first included.
    package var requestersPerBlock = 3
    /// How long a block is outstanding before another peer may be asked for it as well.
    package var duplicateAfter = Interval.milliseconds(200)
    /// Bytes asked for twice stay under this share of the bytes received (0.2%), but for what is overdue in endgame.
    package var duplicateSharePerMille = 2
    /// So many bytes may be asked for twice in any case: the last blocks of a small torrent are no small share of it.
    package var duplicateByteCount = 4 * Block.byteCount
    /// At the end, an answer that is expected no sooner than this is not waited for where another peer is far sooner.
    package var patience = Interval.seconds(10)
    /// Duplicate requests handed out in one call.
    package var duplicatesPerCall = 8
    /// An open piece that nobody was asked for, nor gave anything to, for so long may be given up for another.
    package var stalledAfter = Interval.seconds(Int64(30))
    /// Pieces with a deadline.
    package var deadlineCount = 4096

    /// The defaults.
    package init() {}
}
