// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
public import RucheCrypto
public import RucheWire

/// An open connection to a peer, on the loop that owns its swarm; what its bytes mean is up to the swarm's sink.
public struct PeerConnection: Sendable {
    /// The stream, open, in plaintext to its sink. Its loop is the one that was asked for.
    public let stream: any PeerStream
    /// The info-hash that the connection was dialled for, or that the other side asked for.
    public let infoHash: SHA1Digest
    /// What the secure channel's handshake led to.
    public let channel: ChannelOutcome
    /// Its place among the session's connections.
    package let place: ConnectionPlace

    /// The other side.
    public var remote: PeerEndpoint { stream.facts.remote }
    /// Whether the other side dialled.
    public var isIncoming: Bool { stream.facts.isIncoming }
    /// Whether its bytes are sealed.
    public var isEncrypted: Bool { !channel.isPassthrough }

    /// Attaches a sink to the connection's stream and returns it. Called on the connection's loop; nothing is read before. The
    /// sink is then given what was received so far, and told `handleReadDone` once: from then on it asks for bytes itself.
    public typealias Configure = @Sendable (PeerConnection) throws -> any PeerStreamSink

    /// Gives back its place among the session's connections. A sink says so when it is told that the stream is closed; letting go
    /// of the connection does the same.
    public func handleClosed() { place.release() }
}

/// A stream whose secure channel is there, before anybody knows it as a connection.
struct OpenedStream: Sendable {
    let stream: any PeerStream
    let channel: any ConnectionChannel
    let outcome: ChannelOutcome
    /// Read and not consumed, in plaintext.
    let received: ByteBuffer

    /// Lets the connection start: cipher, the swarm's sink, and what was received so far. On the stream's loop.
    ///
    /// Where it throws, the stream is closed.
    func start(
        for infoHash: SHA1Digest,
        in place: ConnectionPlace,
        configure: PeerConnection.Configure
    ) throws -> PeerConnection {
        let raw = stream
        raw.loop.assertInEventLoop()
        do {
            try checkIsOpen()
            guard place.hold({ raw.loop.execute { raw.close() } }) else {
                throw TransportError(.limit, "start a connection: its place was given to another")
            }
            let connection = PeerConnection(
                stream: outcome.isPassthrough ? raw : SecuredStream(raw, channel),
                infoHash: infoHash,
                channel: outcome,
                place: place
            )
            let sink = try configure(connection)
            if received.readableBytes > 0 { sink.handleReceived(received) }
            sink.handleReadDone()
            try checkIsOpen()
            return connection
        } catch {
            raw.close()
            throw error
        }
    }

    private func checkIsOpen() throws(TransportError) {
        guard stream.isOpen else { throw TransportError(.closed, "start a connection with \(stream.facts.remote)") }
    }
}
