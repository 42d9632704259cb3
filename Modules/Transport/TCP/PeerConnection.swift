// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheCrypto
public import RucheWire

/// An open connection to a peer, on the loop that owns its swarm; what its bytes mean is up to the swarm's handler.
public struct PeerConnection: Sendable {
    /// The channel, open. Its loop is the one that was asked for.
    public let channel: any Channel
    /// The other side.
    public let remote: PeerEndpoint
    /// The info-hash that the connection was dialled for, or that the other side asked for.
    public let infoHash: SHA1Digest
    /// Whether bytes pass through RC4, so that a file region can't be sent.
    public let isEncrypted: Bool
    /// Whether the other side dialled.
    public let isIncoming: Bool
    /// Its place among the session's connections.
    package let place: ConnectionPlace

    /// Puts the swarm's handlers into the pipeline, on the connection's loop. The channel is open already, so
    /// handlers begin in `handlerAdded` and never see `channelActive`; nothing is read before this returns.
    public typealias Configure = @Sendable (PeerConnection) throws -> Void
}

extension PeerConnection {
    /// Lets the connection start: cipher, the swarm's handlers, what was received so far, then reading.
    ///
    /// On the channel's loop. Where it throws, the channel is closed.
    func start(cipher: RC4Handler?, received: ByteBuffer, configure: Configure) throws {
        channel.eventLoop.assertInEventLoop()
        let pipeline = channel.pipeline.syncOperations
        channel.closeFuture.whenComplete { [place] _ in place.release() }
        do {
            try checkIsOpen()
            guard place.hold({ [channel] in channel.close(promise: nil) }) else {
                throw TransportError(.limit, "start a connection with \(remote): its place was given to another")
            }
            if let cipher { try pipeline.addHandler(cipher) }
            try configure(self)
            if received.readableBytes > 0 {
                try fireReceived(received, past: cipher)
            }
            try checkIsOpen()
            try BulkTCP.startReading(channel)
        } catch {
            channel.close(promise: nil)
            throw error
        }
    }

    /// What was received is in plaintext, so it enters the pipeline behind the cipher.
    private func fireReceived(_ received: ByteBuffer, past cipher: RC4Handler?) throws {
        let pipeline = channel.pipeline.syncOperations
        if let cipher {
            try pipeline.context(handler: cipher).fireChannelRead(NIOAny(received))
        } else {
            pipeline.fireChannelRead(NIOAny(received))
        }
        pipeline.fireChannelReadComplete()
    }

    private func checkIsOpen() throws(TransportError) {
        guard channel.isActive else { throw TransportError(.closed, "start a connection with \(remote)") }
    }
}
