// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What a peer announced about its pieces before we had the metadata, without which it cannot be interpreted.
///
/// Owner: `ConnectedPeer`. Memory: one bitfield (`PeerLimits.bitfieldByteCount`), and 4 bytes for each of the
/// `SwarmLimits.earlyHavesPerPeer` others.
struct EarlyDescription {
    /// The last `bitfield`, `have all` or `have none`, if any: on the heap, because few peers have one.
    private var whole: [PeerMessage] = []
    /// From `have`.
    var pieces: [PieceIndex] = []
    /// From `allowed fast`.
    var allowedFast: [PieceIndex] = []

    /// The number of messages kept, without the last bitfield.
    var count: Int { pieces.count + allowedFast.count }

    /// Keeps a message; of those that describe all pieces only the last.
    mutating func handle(_ message: PeerMessage) {
        switch message {
        case .have(let piece): pieces.append(piece)
        case .allowedFast(let piece): allowedFast.append(piece)
        default: whole = [message]
        }
    }

    /// The messages, in an order that means the same.
    var messages: [PeerMessage] {
        whole + pieces.map { .have($0) } + allowedFast.map { .allowedFast($0) }
    }
}

/// What a peer announced that makes us count all pieces anew, which costs time in proportion to the pieces and not to
/// the message.
///
/// Owner: `ConnectedPeer`, until a tick handles it.
struct PendingRecount {
    /// It has everything, and was counted piece by piece.
    var isSeed = false
    /// The pieces that it has lost, although it was counted as a seed.
    var lost: [PieceIndex] = []

    var isEmpty: Bool { !isSeed && lost.isEmpty }

    /// Handles a `have`: the peer may have lost the piece before.
    mutating func handleHave(_ piece: PieceIndex) {
        if !lost.isEmpty { lost.removeAll { $0 == piece } }
    }
}
