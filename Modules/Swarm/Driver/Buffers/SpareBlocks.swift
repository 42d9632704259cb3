// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The memory of the cells in which second copies of blocks arrive, taken when a cell is first used. Which cell is whose is
/// for the core to say, and so is how many there are (`PickerLimits.spareBlockCount`).
///
/// Owner: one torrent's driver, on its loop.
struct SpareBlocks {
    private var cells: [Slab?] = []

    /// A block's length of memory.
    mutating func bytes(of cell: Int) -> UnsafeMutableRawBufferPointer {
        while cells.count <= cell { cells.append(nil) }
        if let slab = cells[cell] { return slab.bytes }
        let slab = Slab(byteCount: Block.byteCount)
        cells[cell] = slab
        return slab.bytes
    }

    /// Gives the memory back. No block may be arriving in a cell.
    mutating func discardAll() { cells = [] }
}
