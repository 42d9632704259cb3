// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// A batch of blocks on its way to a socket.
///
/// Owner: one at a time. The event loop that took it from its pool lends it to a pool thread to be filled, hands its
/// bytes to a socket, and puts it back when the socket has taken them.
final class SendBuffer: @unchecked Sendable {  // handed over, never shared: see above
    /// Blocks in one.
    static let blockCount = 16
    static let byteCount = blockCount * (Block.byteCount + BlockRequest.blockHeaderByteCount)

    /// Written to in place, as long as nothing else refers to the same storage.
    var bytes = ByteBufferAllocator().buffer(capacity: byteCount)
}

/// Send buffers that are used again and again: a fresh one costs a page fault every 4 KiB.
///
/// Owner: one event loop. It never refuses; how many are in use at once is bounded by those who take them.
struct SendBufferPool {
    private var kept: [SendBuffer] = []
    private let limit: Int

    /// Keeps up to `limitBytes` of buffers that are not in use.
    init(limitBytes: Int) { limit = max(1, limitBytes / SendBuffer.byteCount) }

    /// An empty buffer.
    mutating func take() -> SendBuffer {
        guard let buffer = kept.popLast() else { return SendBuffer() }
        buffer.bytes.clear()
        return buffer
    }

    mutating func giveBack(_ buffer: SendBuffer) {
        if kept.count < limit { kept.append(buffer) }
    }

    /// Lets go of everything that is not in use.
    mutating func trim() { kept.removeAll() }
}
