// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What a peer said of its pieces before we had the metadata, and what it all means is unknown.
///
/// Owner: `ConnectedPeer`. Memory: one bitfield (`PeerLimits.bitfieldByteCount`), and 4 bytes for each of the
/// `SwarmLimits.earlyHavesPerPeer` others.
struct EarlyDescription {
    /// The last `bitfield`, `have all` or `have none`, where one came: on the heap, since few peers have any.
    private var whole: [PeerMessage] = []
    /// From `have`.
    var pieces: [PieceIndex] = []
    /// From `allowed fast`.
    var allowedFast: [PieceIndex] = []

    /// Messages kept, the last bitfield aside.
    var count: Int { pieces.count + allowedFast.count }

    /// Keeps a message; of those that describe all pieces the last.
    mutating func handle(_ message: PeerMessage) {
        switch message {
        case .have(let piece): pieces.append(piece)
        case .allowedFast(let piece): allowedFast.append(piece)
        default: whole = [message]
        }
    }

    /// As messages, in an order that means the same.
    var messages: [PeerMessage] {
        whole + pieces.map { .have($0) } + allowedFast.map { .allowedFast($0) }
    }
}

/// What a peer said that makes us count all pieces anew, which costs in proportion to the pieces and not to the message.
///
/// Owner: `ConnectedPeer`, until a tick takes it up.
struct PendingRecount {
    /// It has everything, and was counted piece by piece.
    var isSeed = false
    /// What it lost, and was counted as a seed.
    var lost: [PieceIndex] = []

    var isEmpty: Bool { !isSeed && lost.isEmpty }
}
