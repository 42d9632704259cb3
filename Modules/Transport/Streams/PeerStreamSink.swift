// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Receives a stream's events, on the stream's loop. Calls are synchronous, and the sink may call the stream from each.
public protocol PeerStreamSink: AnyObject {
    /// Bytes have arrived. The sink owns them and may overwrite them.
    func handleReceived(_ bytes: ByteBuffer)
    /// Everything requested by `read` has arrived. A sink that wants more calls `read` again.
    func handleReadDone()
    /// The stream is writable again.
    func handleWritable()
    /// The bytes of the write with this tag have been accepted, or are lost because the stream is closed.
    func handleWritten(_ tag: UInt32)
    /// The stream is closed. This is the last call.
    func handleClosed()
}
