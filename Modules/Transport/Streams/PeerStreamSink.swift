// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// What a stream tells its owner, on the stream's loop. Calls are synchronous: the sink may call the stream back from each.
public protocol PeerStreamSink: AnyObject {
    /// Bytes have come. They are the sink's alone, also to overwrite.
    func handleReceived(_ bytes: ByteBuffer)
    /// All that was asked for by `read` has come: a sink that wants more asks again.
    func handleReadDone()
    /// The stream is writable again.
    func handleWritable()
    /// The bytes of the write with that tag have been taken, or are lost because the stream is closed.
    func handleWritten(_ tag: UInt32)
    /// The stream is closed. This comes last, and once.
    func handleClosed()
}
