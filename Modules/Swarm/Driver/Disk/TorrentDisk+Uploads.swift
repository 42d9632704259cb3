// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheWire

/// Outgoing blocks, one after the other, each after the header of its `piece` message. Adjacent blocks are read at
/// once.
extension TorrentDisk {
    /// Reads the blocks, from the disk if necessary.
    func read(_ blocks: [BlockRequest], into buffer: inout ByteBuffer) throws(StorageError) {
        try layOut(blocks, in: &buffer) { run, chunks throws(StorageError) in
            try padding.read(store, piece: run.piece, offset: Int(run.offset), into: chunks)
        }
    }

    /// Reads the blocks if nothing has to be waited for: for the event loop. Otherwise the contents of `buffer` are
    /// undefined.
    func readAtOnce(_ blocks: [BlockRequest], into buffer: inout ByteBuffer) -> Bool {
        var isRead = true
        try? layOut(blocks, in: &buffer) { run, chunks throws(StorageError) in
            isRead = isRead && padding.readAtOnce(store, piece: run.piece, offset: Int(run.offset), into: chunks)
        }
        return isRead
    }

    /// Writes the headers, and calls `read` to fill in the payloads, with the first of each run of adjacent blocks.
    private func layOut(
        _ blocks: [BlockRequest],
        in buffer: inout ByteBuffer,
        _ read: (BlockRequest, [UnsafeMutableRawBufferPointer]) throws(StorageError) -> Void
    ) throws(StorageError) {
        buffer.clear()
        buffer.reserveCapacity(blocks.reduce(0) { $0 + $1.messageByteCount })
        for block in blocks {
            block.encodeBlockHeader(into: &buffer)
            buffer.moveWriterIndex(forwardBy: Int(block.length))
        }
        var failure: StorageError?
        buffer.withUnsafeMutableReadableBytes { bytes in
            do throws(StorageError) { try fill(blocks, behindHeadersIn: bytes, read) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private func fill(
        _ blocks: [BlockRequest],
        behindHeadersIn bytes: UnsafeMutableRawBufferPointer,
        _ read: (BlockRequest, [UnsafeMutableRawBufferPointer]) throws(StorageError) -> Void
    ) throws(StorageError) {
        var chunks: [UnsafeMutableRawBufferPointer] = []
        chunks.reserveCapacity(blocks.count)
        var position = 0
        var first = 0
        for (index, block) in blocks.enumerated() {
            let end = position + block.messageByteCount
            let payload = bytes[position + BlockRequest.blockHeaderByteCount..<end]
            chunks.append(UnsafeMutableRawBufferPointer(rebasing: payload))
            position = end
            if index + 1 < blocks.count, block.isFollowed(by: blocks[index + 1]) { continue }
            try read(blocks[first], chunks)
            chunks.removeAll(keepingCapacity: true)
            first = index + 1
        }
    }
}

extension BlockRequest {
    /// The length of the `piece` message that answers it.
    var messageByteCount: Int { Self.blockHeaderByteCount + Int(length) }

    /// Returns whether `next` begins where this one ends.
    fileprivate func isFollowed(by next: BlockRequest) -> Bool {
        piece == next.piece && UInt64(offset) + UInt64(length) == next.offset
    }
}
