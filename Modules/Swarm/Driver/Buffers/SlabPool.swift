// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A stretch of page-aligned memory that is used again and again.
///
/// Owner: one at a time. The event loop that took it from its pool fills it, lends it to a pool thread (and leaves it
/// alone meanwhile), and puts it back.
final class Slab: @unchecked Sendable {  // handed over, never shared: see above
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        bytes = .allocate(byteCount: byteCount, alignment: 4096)
    }

    deinit { bytes.deallocate() }
}

/// Slabs of a few sizes, kept warm: a fresh slab costs a page fault every 4 KiB, which halves the speed of a transfer.
///
/// Owner: one event loop. It never refuses, so that nothing can deadlock for want of a slab: what may be open at once is
/// bounded before, by the picker's budget. What it keeps when idle is bounded here.
struct SlabPool {
    /// The largest slab: longer pieces are made of several.
    static let largestBytes = 1 << 20

    private var keptBytesLimit: Int
    private var keptBytes = 0
    private var kept: [Int: [Slab]] = [:]
    /// Slabs in use; bytes.
    private(set) var lentBytes = 0

    init(keptBytesLimit: Int) {
        self.keptBytesLimit = keptBytesLimit
    }

    /// The size of slab for pieces of `pieceLength` bytes.
    static func slabBytes(forPieceLength pieceLength: Int) -> Int {
        min(largestBytes, max(Block.byteCount, (pieceLength + Block.byteCount - 1) / Block.byteCount * Block.byteCount))
    }

    mutating func take(byteCount: Int) -> Slab {
        lentBytes += byteCount
        if let slab = kept[byteCount]?.popLast() {
            keptBytes -= byteCount
            return slab
        }
        return Slab(byteCount: byteCount)
    }

    mutating func giveBack(_ slab: Slab) {
        let byteCount = slab.bytes.count
        lentBytes -= byteCount
        guard keptBytes + byteCount <= keptBytesLimit else { return }
        keptBytes += byteCount
        kept[byteCount, default: []].append(slab)
    }

    /// Keeps at most so much that is not in use.
    mutating func setKeptBytesLimit(_ limit: Int) {
        keptBytesLimit = limit
        while keptBytes > limit, let byteCount = kept.first(where: { !$0.value.isEmpty })?.key {
            kept[byteCount]?.removeLast()
            keptBytes -= byteCount
        }
    }
}
