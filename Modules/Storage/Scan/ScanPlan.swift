// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The limits of a scan.
enum ScanLimits {
    /// Bytes read in one place before the next scan gets its turn.
    static let turnByteCount = 16 << 20
    /// The wait before a full pool is asked again.
    static let refusalNanoseconds: UInt64 = 10_000_000
    /// Bytes in the buffers of all places together.
    static let memoryByteCount = 32 << 20
    /// Minimum bytes in one thread's buffer: one block for each lane of the widest kernel.
    static let leastBufferByteCount = 16 * Block.byteCount
    /// Bytes read at once from each of several pieces: enough for efficient disk reads, few enough to stay in the
    /// processor's cache until they are hashed.
    static let sliceByteCount = 8 * Block.byteCount
    /// Pieces that one thread scans at once.
    static let batchCount = 16
    /// The alignment of the buffer and of slices in it: one page.
    static let bufferAlignment = 4096
}

/// How a scan divides its work and memory.
struct ScanPlan {
    let threadCount: Int
    /// Maximum number of pieces that a thread takes at once.
    let batchCount: Int
    /// Bytes after which a thread adds no further pieces to a batch.
    let batchByteCount: Int
    let bufferByteCount: Int
    /// Bytes read from one piece before the next piece's turn.
    let sliceByteCount: Int

    /// A plan for up to `threadCount` threads and `pieceCount` pieces. All places share the memory.
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

    /// Plans to read pieces of `pieceLength` bytes whole, one a thread.
    init(wholePiecesOf pieceLength: Int, threadCount: Int, pieceCount: Int) {
        let most = ScanLimits.memoryByteCount / max(1, pieceLength)
        self.threadCount = max(1, min(threadCount, pieceCount, most))
        batchCount = 1
        batchByteCount = .max
        bufferByteCount = max(1, pieceLength)
        sliceByteCount = bufferByteCount
    }
}
