// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Small buffers for a connection that says little, and large ones from the first read on that fills one.
///
/// It does not shrink again: whoever has sent much may go on at any moment, and a fresh large buffer costs page faults.
/// A channel keeps its buffer between reads, so this is what an idle connection costs.
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
