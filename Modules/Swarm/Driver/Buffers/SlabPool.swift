// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A piece of page-aligned memory that is reused.
///
/// Owner: one at a time. The event loop that took it from its pool fills it, lends it to a pool thread (and does not
/// touch it meanwhile), and returns it.
final class Slab: @unchecked Sendable {  // handed over, never shared: see above
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        bytes = .allocate(byteCount: byteCount, alignment: 4096)
    }

    deinit { bytes.deallocate() }
}

/// Slabs of a few sizes, kept warm: a new slab costs a page fault every 4 KiB, which halves the speed of a transfer.
///
/// Owner: one event loop. It never refuses, so that nothing can deadlock waiting for a slab: the picker's budget limits
/// what may be open at once. What is kept while unused is limited here.
struct SlabPool {
    /// The largest slab: longer pieces consist of several.
    static let largestBytes = 1 << 20

    private var keptBytesLimit: Int
    private var keptBytes = 0
    private var kept: [Int: [Slab]] = [:]
    /// Bytes of slabs in use.
    private(set) var lentBytes = 0

    init(keptBytesLimit: Int) {
        self.keptBytesLimit = keptBytesLimit
    }

    /// Returns the size of slab for pieces of `pieceLength` bytes.
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

    /// Limits the bytes of unused slabs that are kept.
    mutating func setKeptBytesLimit(_ limit: Int) {
        keptBytesLimit = limit
        while keptBytes > limit, let byteCount = kept.first(where: { !$0.value.isEmpty })?.key {
            kept[byteCount]?.removeLast()
            keptBytes -= byteCount
        }
    }
}
