// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// A batch of blocks on its way to a socket.
///
/// Owner: one at a time. The event loop that took it from its pool lends it to a pool thread to be filled, passes its
/// bytes to a socket, and returns it when the socket has accepted them.
final class SendBuffer: @unchecked Sendable {  // handed over, never shared: see above
    /// The number of blocks in a buffer.
    static let blockCount = 16
    static let byteCount = blockCount * (Block.byteCount + BlockRequest.blockHeaderByteCount)

    /// Written in place, as long as nothing else refers to the same storage.
    var bytes = ByteBufferAllocator().buffer(capacity: byteCount)
}

/// Send buffers that are reused: a new one costs a page fault every 4 KiB.
///
/// Owner: one event loop. It never refuses; their users limit how many are in use at once.
struct SendBufferPool {
    private var kept: [SendBuffer] = []
    private let limit: Int

    /// Creates a pool that keeps up to `limitBytes` of unused buffers.
    init(limitBytes: Int) { limit = max(1, limitBytes / SendBuffer.byteCount) }

    /// Returns an empty buffer.
    mutating func take() -> SendBuffer {
        guard let buffer = kept.popLast() else { return SendBuffer() }
        buffer.bytes.clear()
        return buffer
    }

    mutating func giveBack(_ buffer: SendBuffer) {
        if kept.count < limit { kept.append(buffer) }
    }

    /// Frees all unused buffers.
    mutating func trim() { kept.removeAll() }
}
