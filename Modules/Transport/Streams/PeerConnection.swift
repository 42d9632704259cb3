// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import RucheCrypto
package import RucheWire

/// An open connection to a peer, on the loop that owns its swarm. The swarm's sink interprets its bytes.
package struct PeerConnection: Sendable {
    /// The open stream, whose sink sees plaintext. Its loop is the requested one.
    package let stream: any PeerStream
    /// The info-hash that the connection was dialled for, or that the other side requested.
    package let infoHash: SHA1Digest
    /// The outcome of the secure channel's handshake.
    package let channel: ChannelOutcome
    /// The connection's place in the session.
    package let place: ConnectionPlace

    /// The other side's endpoint.
    package var remote: PeerEndpoint { stream.facts.remote }
    /// Whether the other side dialled.
    package var isIncoming: Bool { stream.facts.isIncoming }
    /// Whether the connection is encrypted.
    package var isEncrypted: Bool { !channel.isPassthrough }

    /// Attaches a sink to the connection's stream and returns it. Called on the connection's loop before anything is
    /// read. The sink then receives everything so far, and one `handleReadDone`; from then on it requests bytes itself.
    package typealias Configure = @Sendable (PeerConnection) throws -> any PeerStreamSink

    /// Releases the connection's place in the session. A sink calls this when the stream has closed; releasing the
    /// connection has the same effect.
    package func handleClosed() { place.release() }
}

/// A stream with an open secure channel, before it becomes a connection.
struct OpenedStream: Sendable {
    let stream: any PeerStream
    let channel: any ConnectionChannel
    let outcome: ChannelOutcome
    /// Plaintext that was read and not consumed.
    let received: ByteBuffer

    /// Starts the connection with its cipher, the swarm's sink, and what was received so far. Call it on the stream's
    /// loop.
    ///
    /// If it throws, the stream is closed.
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
                throw TransportError(.limit, "start a connection: another took its place")
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
