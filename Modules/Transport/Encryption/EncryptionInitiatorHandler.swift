// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheWire

/// Leads an outgoing connection through the MSE handshake, then leaves the pipeline.
///
/// Owner: a dialled channel that does not read by itself yet. The initial payload is left empty: the swarm's handler
/// writes the BitTorrent handshake as it does on any connection.
/// ```
/// running ──outcome, error, hung up, too late──▶ ended
/// ```
final class EncryptionInitiatorHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the handshake led to.
    struct End {
        /// Nil where plaintext was agreed on.
        let cipher: RC4Handler?
        /// What came beyond the handshake, in plaintext.
        let received: ByteBuffer
    }

    private var handshake: MSEHandshake
    private let timeout: Interval
    private var onEnd: ((Result<End, TransportError>) -> Void)?
    private var deadline: Scheduled<Void>?

    /// `onEnd` is called once, on the channel's loop, when this handler has left the pipeline.
    init(
        infoHash: SHA1Digest,
        offering methods: MSEMethods,
        timeout: Interval,
        onEnd: @escaping (Result<End, TransportError>) -> Void
    ) {
        var random = SecureRandom()
        handshake = MSEHandshake(initiatorFor: infoHash, offering: methods, using: &random)
        self.timeout = timeout
        self.onEnd = onEnd
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let loop = context.eventLoop.assumeIsolated()
        deadline = loop.scheduleTask(in: TimeAmount(timeout)) { [self] in
            end(context, .failure(TransportError(.timeout, "encrypt the connection")))
        }
        send(context)
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // A read may follow the one that ended the handshake before the pipeline has let go of this handler.
        guard onEnd != nil else { return context.fireChannelRead(data) }
        let bytes = unwrapInboundIn(data)
        do throws(MSEError) {
            try bytes.withUnsafeReadableBytes { bytes throws(MSEError) in try handshake.handle(bytes) }
        } catch {
            return end(context, .failure(TransportError(.encryptionFailed, "encrypt the connection (\(error))")))
        }
        send(context)
        guard let outcome = handshake.nextOutcome() else { return }
        let received = ByteBuffer(bytes: outcome.payload)
        let cipher = outcome.method == .rc4 ? RC4Handler(outcome) : nil
        end(context, .success(End(cipher: cipher, received: received)))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard onEnd != nil else { return context.fireChannelReadComplete() }
        context.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(context, .failure(TransportError(.closed, "encrypt the connection")))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(context, .failure(TransportError(error, "encrypt the connection")))
    }

    private func send(_ context: ChannelHandlerContext) {
        guard let bytes = handshake.nextBytesToSend() else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    private func end(_ context: ChannelHandlerContext, _ result: Result<End, TransportError>) {
        guard let onEnd else { return }
        self.onEnd = nil
        deadline?.cancel()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        onEnd(result)
    }
}
