// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// An open byte stream: a TCP connection, a uTP connection, or a stream of a simulated network.
///
/// Call every member on `loop`. A stream is open when its first owner receives it, and reads only on request. It keeps
/// its sink until it is closed.
/// ```
/// open ──close, closed by the other side, error──▶ closed: tags of all writes, then `handleClosed`
///   └──moved (AcceptedStream)──▶ unusable: its sink is not called again
/// ```
public protocol PeerStream: AnyObject, Sendable {
    /// The loop of the stream.
    var loop: any EventLoop { get }
    /// The stream's constant properties.
    var facts: StreamFacts { get }
    /// Whether the stream is neither closed nor moved.
    var isOpen: Bool { get }
    /// Whether the stream accepts more to send: false from a high mark of unsent bytes down to a low one.
    var isWritable: Bool { get }
    /// Bytes that were written and that the transport has not accepted yet.
    var unsentByteCount: Int { get }

    /// Replaces the sink. If the stream is already closed, the new sink is told in the loop's next turn.
    func attach(_ sink: any PeerStreamSink)

    /// Requests bytes once: `handleReceived` for each chunk, then `handleReadDone`. Another request while one is
    /// pending only replaces its amount.
    func read(_ amount: ReadAmount)

    /// Queues `bytes`. `handleWritten` returns the tag, if any, once the transport has accepted all of them, or the
    /// stream is closed. Tags return in the order of their writes, and before `handleClosed`. On a closed stream the
    /// tag returns at once.
    func write(_ bytes: ByteBuffer, tag: UInt32?)

    /// Sends what is queued, as far as the transport accepts it.
    func flush()

    /// Closes the stream. Queued bytes that the transport does not accept at once are lost. May be called twice.
    func close()
}

/// A stream that the other side opened. It can move to the loop of the swarm that it turns out to want.
public protocol AcceptedStream: PeerStream {
    /// Waits until everything written is sent, then continues as another stream on `loop`, which delivers what has not
    /// been read yet. Before the move, a stream reads in small portions, because strangers get little memory.
    ///
    /// `then` is called on `loop`, once. After an error the stream is closed.
    func move(
        to loop: any EventLoop,
        then: @escaping @Sendable (Result<any PeerStream, TransportError>) -> Void
    )
}
