// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// Buffers for blocks on their way to sockets, used again once the socket has let go of them.
///
/// Owner: one event loop. It finds out by itself when a buffer is free: when nobody else refers to it.
struct SendBufferPool {
    /// Blocks in one read.
    static let blocksPerBuffer = 16
    private static let capacity = blocksPerBuffer * (Block.byteCount + BlockRequest.blockHeaderByteCount)

    private var buffers: [ByteBuffer] = []
    private let limit: Int
    private var next = 0

    /// Keeps up to `limitBytes` of buffers.
    init(limitBytes: Int) { limit = max(1, limitBytes / Self.capacity) }

    /// An empty buffer with room for `byteCount`.
    mutating func take(byteCount: Int) -> ByteBuffer {
        guard byteCount <= Self.capacity else { return ByteBufferAllocator().buffer(capacity: byteCount) }
        for _ in 0..<min(buffers.count, 8) {
            next = (next + 1) % buffers.count
            if buffers[next].modifyIfUniquelyOwned({ $0.clear() }) != nil { return buffers[next] }
        }
        let fresh = ByteBufferAllocator().buffer(capacity: Self.capacity)
        if buffers.count < limit { buffers.append(fresh) }
        return fresh
    }
}
