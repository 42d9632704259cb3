// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A block that has begun to come from a peer: where its bytes belong, and the request that it answers.
///
/// The first peer to send a block owns the block's place in its piece until the block is whole or the request ends. A
/// second one meanwhile writes to a spare cell. So the bytes of a block are always those of one connection. The arrival
/// is named by its request, not by coordinates: one that began before its piece was closed and opened again stays apart
/// from what is asked for now.
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
    /// The request's entry in `OutstandingRequests`, and what tells it from others that use the entry later.
    let request: UInt32
    let generation: UInt32
}

/// The cells for second copies of blocks that are in arrival already. Owner: `PiecePicker`, which gives them out; the
/// driver keeps the memory.
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

/// A `BlockArrival.Place` in a byte, as a request's entry holds it.
struct BlockPlaceCode: Hashable, Sendable {
    static let nowhere = Self(rawValue: 0)
    static let piece = Self(rawValue: 1)
    /// Cells that a byte can name.
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
