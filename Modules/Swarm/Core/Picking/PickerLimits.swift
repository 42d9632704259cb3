// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The limits of the picker.
package struct PickerLimits: Hashable, Sendable {
    /// The maximum length of all open pieces in bytes. An open piece takes its length in memory until it is verified or
    /// given up.
    package var openByteCount = 256 << 20
    /// The maximum number of open pieces, whatever their length.
    package var openPieceCount = 8192
    /// The number of pieces that may be open even if they exceed `openByteCount`. With fewer, a slow peer could stop
    /// the download.
    package var minOpenPieceCount = 2
    /// The number of pieces that we must have before rarest first begins. Until then pieces are random, to get
    /// something to trade soon.
    package var randomFirstPieceCount = 4
    /// The number of simultaneous requests for a block, the first included, as `PiecePicker.mayJoin` counts them.
    package var requestersPerBlock = 3
    /// The maximum number of simultaneous requests for a block to peers that are not snubbed.
    package var firmRequestersPerBlock = 16
    /// Blocks that a second peer may be sending while a first one is; 254 at most.
    package var spareBlockCount = 64
    /// How long a block is outstanding before another peer may be asked for it as well.
    package var duplicateAfter = Interval.milliseconds(200)
    /// The maximum share of received bytes that may be requested twice, per mille. Overdue requests in endgame do not
    /// count.
    package var duplicateSharePerMille = 2
    /// The number of bytes that may always be requested twice: in a small torrent, the last blocks are a large share.
    package var duplicateByteCount = 4 * Block.byteCount
    /// The maximum share of received bytes that may be requested twice because they would miss a deadline, per mille.
    package var hedgeSharePerMille = 20
    /// The number of bytes that may always be requested twice for a deadline: a reader begins when little is here.
    package var hedgeByteCount = 32 * Block.byteCount
    /// In endgame, a request whose answer is expected no sooner than this may be duplicated beyond the share above, if
    /// another peer is far faster.
    package var patience = Interval.seconds(10)
    /// A block is not held to be promised by a peer if its answer is expected no sooner than this, or overdue for `patience`.
    package var longPatience = Interval.seconds(Int64(30))
    /// The maximum number of duplicate requests per call.
    package var duplicatesPerCall = 8
    /// How long an open piece must go without requests and blocks before it may be given up for another.
    package var stalledAfter = Interval.seconds(Int64(30))
    /// The maximum number of pieces with a deadline.
    package var deadlineCount = 4096

    /// Creates limits with the values above.
    package init() {}
}
