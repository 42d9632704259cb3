// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The memory of the cells for second copies of blocks, allocated when a cell is first used. The core decides which
/// cell is used for which copy, and how many there are (`PickerLimits.spareBlockCount`).
///
/// Owner: one torrent's driver, on its loop.
struct SpareBlocks {
    private var cells: [Slab?] = []

    /// Returns the memory of a cell, as long as a block.
    mutating func bytes(of cell: Int) -> UnsafeMutableRawBufferPointer {
        while cells.count <= cell { cells.append(nil) }
        if let slab = cells[cell] { return slab.bytes }
        let slab = Slab(byteCount: Block.byteCount)
        cells[cell] = slab
        return slab.bytes
    }

    /// Frees the memory. No block may be arriving in a cell.
    mutating func discardAll() { cells = [] }
}
