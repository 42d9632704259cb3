// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Who a uTP connection serves. Its members are called on the connection's loop, and may call the connection.
public protocol UTPStreamSink: AnyObject {
    /// Bytes in order; once for each `UTPStream.read()` at most.
    func handleReceived(_ bytes: ByteBuffer)
    /// The connection takes bytes again without holding much: `isWritable` became true.
    func handleWritable()
    /// Bytes up to those that were written with `tag` have been sent.
    func handleWritten(_ tag: UInt32)
    /// The connection is over: nil where the peer or we closed it in good order. Nothing is called afterwards.
    func handleClosed(_ error: TransportError?)
}
