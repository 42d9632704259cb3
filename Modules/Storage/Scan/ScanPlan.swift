// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Bounds of a scan.
enum ScanLimits {
    /// Read in one place before the next scan's turn; bytes.
    static let turnByteCount = 16 << 20
    /// Until a pool that had no room is asked again.
    static let refusalNanoseconds: UInt64 = 10_000_000
    /// Buffers of all places together; bytes.
    static let memoryByteCount = 32 << 20
    /// One thread's buffer, at the least: blocks for the widest kernel.
    static let leastBufferByteCount = 16 * Block.byteCount
    /// Read at once of each of several pieces: long enough for a disk, short enough that what was read is still in the
    /// processor's cache when it is hashed.
    static let sliceByteCount = 8 * Block.byteCount
    /// Pieces that one thread has under way.
    static let batchCount = 16
    /// Alignment of the buffer and of slices in it: a page.
    static let bufferAlignment = 4096
}

/// How a scan's work and memory are shared out.
struct ScanPlan {
    let threadCount: Int
    /// Pieces that a thread takes at once, at the most.
    let batchCount: Int
    /// Bytes after which it takes no more of them.
    let batchByteCount: Int
    let bufferByteCount: Int
    /// Read of one piece before the next one's turn.
    let sliceByteCount: Int

    /// For up to `threadCount` threads and `pieceCount` pieces. Memory is shared with as many scans as there are places.
    init(threadCount: Int, pieceCount: Int, wantsSHA1: Bool, placeCount: Int = 1) {
        let most = ScanLimits.memoryByteCount / ScanLimits.leastBufferByteCount
        let threads = max(1, min(threadCount, pieceCount, most))
        self.threadCount = threads
        batchCount = min(ScanLimits.batchCount, wantsSHA1 ? PieceHasher.bestPieceCount : .max)
        let wanted = max(ScanLimits.leastBufferByteCount, (wantsSHA1 ? batchCount : 1) * ScanLimits.sliceByteCount)
        bufferByteCount = min(wanted, ScanLimits.memoryByteCount / max(threads, min(placeCount, most)))
        sliceByteCount = wantsSHA1 ? bufferByteCount / batchCount / Block.byteCount * Block.byteCount : bufferByteCount
        batchByteCount = wantsSHA1 ? .max : bufferByteCount
    }
}
