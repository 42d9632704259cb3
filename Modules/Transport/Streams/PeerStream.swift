// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// An open connection of bytes: a TCP connection, a uTP connection, a stream of a simulated network.
///
/// Every member is called on `loop`. A stream is open when somebody first gets it, and reads nothing until it is asked to.
/// It keeps its sink until it is closed.
/// ```
/// open ──close, other side hung up, error──▶ closed: tags of all writes, then `handleClosed`
///   └──moved (AcceptedStream)──▶ unusable: its sink hears nothing more
/// ```
public protocol PeerStream: AnyObject, Sendable {
    /// Where it lives.
    var loop: any EventLoop { get }
    /// What it is.
    var facts: StreamFacts { get }
    /// Whether it is neither closed nor moved.
    var isOpen: Bool { get }
    /// Whether it wants more to send: false from a high mark of unsent bytes down to a low one.
    var isWritable: Bool { get }
    /// Bytes that were written and that the transport has not taken yet.
    var unsentByteCount: Int { get }

    /// From now on `sink` is told what happens, in place of the one before. If the stream is closed already, the sink is
    /// told so in the loop's next turn.
    func attach(_ sink: any PeerStreamSink)

    /// Asks for bytes, once: `handleReceived` for each stretch, then `handleReadDone`. A demand made while another waits
    /// only replaces its amount.
    func read(_ amount: ReadAmount)

    /// Queues `bytes`. If there is a tag, `handleWritten` gives it back once the transport has taken all of them, or the stream
    /// is closed. Tags come back in the order of their writes, and those of a closed stream before `handleClosed`. On a closed
    /// stream the tag comes back at once.
    func write(_ bytes: ByteBuffer, tag: UInt32?)

    /// Sends what is queued, as far as the transport takes it.
    func flush()

    /// Closes the stream; queued bytes that the transport does not take at once are lost. May be called twice.
    func close()
}

/// A stream that the other side opened. It can move to the loop of the swarm that it turns out to want.
public protocol AcceptedStream: PeerStream {
    /// Waits until all that was written is sent, then goes on as another stream, on `loop`. Whatever has not been read yet
    /// comes out there. Until it is moved, a stream reads in small portions, since strangers get little memory.
    ///
    /// `then` is called on `loop`, once. If it gets an error the stream is closed.
    func move(
        to loop: any EventLoop,
        then: @escaping @Sendable (Result<any PeerStream, TransportError>) -> Void
    )
}
