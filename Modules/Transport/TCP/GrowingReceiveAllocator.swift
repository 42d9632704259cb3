// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Uses small buffers for a quiet connection, and large ones after the first read that fills one.
///
/// It never shrinks again: a peer that has sent much may continue at any moment, and a new large buffer costs page
/// faults. A channel keeps its buffer between reads, so this determines the memory of an idle connection.
struct GrowingReceiveAllocator: RecvByteBufferAllocator {
    private let large: Int
    private var size: Int

    init(small: Int, large: Int) {
        self.large = large
        size = small
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { allocator.buffer(capacity: size) }

    func nextBufferSize() -> Int? { size }

    mutating func record(actualReadBytes: Int) -> Bool {
        guard actualReadBytes >= size, size < large else { return false }
        size = large
        return true
    }
}
