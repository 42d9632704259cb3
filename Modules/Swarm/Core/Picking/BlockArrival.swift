// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A block that has started to arrive from a peer: where its bytes belong, and the request that it answers.
///
/// The first peer to send a block owns the block's place in its piece until the block is complete or the request ends.
/// Meanwhile a second one writes to a spare cell. Thus the bytes of a block always come from one connection. The
/// arrival is identified by its request, not by coordinates: one that started before its piece was closed and reopened
/// is distinct from what is requested now.
package struct BlockArrival: Sendable {
    /// Where the bytes belong.
    package enum Place: Hashable, Sendable {
        /// The block's place in the buffer of its piece.
        case piece
        /// The spare cell of this number, below `PickerLimits.spareBlockCount`.
        case spare(Int)
        /// Nowhere: another peer sends the block, and no spare cell is free. The copy is skipped, without blame.
        case nowhere
    }

    /// The block.
    package let block: BlockRequest
    /// Where its bytes belong.
    package let place: Place
    /// The request's entry in `OutstandingRequests`, and what distinguishes it from later requests in that entry.
    let request: UInt32
    let generation: UInt32
}

/// The cells for second copies of blocks that are already arriving. Owner: `PiecePicker`, which assigns them; the
/// driver owns the memory.
struct SpareCells: Sendable {
    private var free: [UInt8]
    private let count: Int

    init(count: Int) {
        self.count = min(max(0, count), BlockPlaceCode.cellLimit)
        free = (0..<self.count).reversed().map { UInt8(truncatingIfNeeded: $0) }
    }

    var usedCount: Int { count - free.count }

    mutating func take() -> Int? { free.popLast().map(Int.init) }

    mutating func giveBack(_ cell: Int) { free.append(UInt8(truncatingIfNeeded: cell)) }
}

/// A `BlockArrival.Place` in a byte, as stored in a request's entry.
struct BlockPlaceCode: Hashable, Sendable {
    static let nowhere = Self(rawValue: 0)
    static let piece = Self(rawValue: 1)
    /// The number of cells that a byte can identify.
    static let cellLimit = 254

    private let rawValue: UInt8

    private init(rawValue: UInt8) { self.rawValue = rawValue }

    static func cell(_ number: Int) -> Self { Self(rawValue: UInt8(truncatingIfNeeded: number + 2)) }

    var place: BlockArrival.Place {
        switch rawValue {
        case 0: .nowhere
        case 1: .piece
        default: .spare(Int(rawValue) - 2)
        }
    }
}
