// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// Talks to a proxy at the beginning of a connection, and then leaves the channel to the handlers after it, which see the
/// channel become active only when the target is connected.
///
/// It must be the first handler. It reads on its own until the proxy is done.
/// ```
/// waiting ──active──▶ talking ──done──▶ open
///                        └──refusal, timeout, closed──▶ failed
/// ```
/// Owner: the channel's pipeline, on its loop, which is why it is `Sendable`.
final class ProxyConnector: ChannelDuplexHandler, RemovableChannelHandler, @unchecked Sendable {  // see above
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Completes when the connection to the target is open.
    var opened: EventLoopFuture<Void> { promise.futureResult }

    private(set) var handshake: any ProxyHandshake
    private let action: String
    private let timeout: Interval
    private let promise: EventLoopPromise<Void>
    private var deadline: Scheduled<Void>?
    private var input = ByteBuffer()
    private var isOver = false

    init(_ handshake: any ProxyHandshake, to target: String, timeout: Interval, on loop: any EventLoop) {
        self.handshake = handshake
        action = "reach \(target) through the proxy"
        self.timeout = timeout
        promise = loop.makePromise(of: Void.self)
    }

    // MARK: - Channel events

    func handlerRemoved(context: ChannelHandlerContext) { fail(TransportError(.closed, action)) }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(handshake.makeGreeting()), promise: nil)
        let channel = context.channel
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) { [self] in
            fail(TransportError(.timeout, action))
            channel.close(promise: nil)
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        input.writeBuffer(&bytes)
        guard !isOver else { return }
        do throws(ProxyError) {
            while !handshake.isDone {
                let before = input.readableBytes
                if let answer = try handshake.handle(&input) {
                    context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
                } else if !handshake.isDone, input.readableBytes == before || input.readableBytes == 0 {
                    break
                }
            }
        } catch {
            fail(TransportError(error, action))
            return context.close(promise: nil)
        }
        if handshake.isDone { finish(context) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !isOver { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let wasOpen = isOver
        fail(TransportError(.closed, action))
        if wasOpen { context.fireChannelInactive() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isOver else { return context.fireErrorCaught(error) }
        fail(TransportError(error, action))
        context.close(promise: nil)
    }

    /// The first read gets what the target has already sent.
    func read(context: ChannelHandlerContext) {
        guard isOver else { return }
        if input.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(input))
            context.fireChannelReadComplete()
        } else {
            context.read()
        }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    // MARK: - Ends

    private func finish(_ context: ChannelHandlerContext) {
        isOver = true
        deadline?.cancel()
        context.fireChannelActive()
        promise.succeed()
    }

    private func fail(_ error: TransportError) {
        guard !isOver else { return }
        isOver = true
        deadline?.cancel()
        promise.fail(error)
    }
}

extension TransportError {
    init(_ error: ProxyError, _ action: String) {
        let code: Code =
            switch error.code {
            case .unreachable: .unreachable
            case .refused: .refused
            case .notSpoken, .loginRefused, .denied: .proxy
            }
        self.init(code, "\(action): \(error.message)")
    }
}
