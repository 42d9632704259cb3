// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOSSL
internal import RucheTransport
internal import RucheWire

/// A connection to one server, which carries one request and its response at a time.
///
/// Owner: `HTTPClient`; confined to its loop. It reads at most `HTTPLimits.bufferedBodyByteCount` bytes, plus one read,
/// ahead of the caller.
final class HTTPConnection: ChannelInboundHandler, @unchecked Sendable {  // confined to its loop
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let server: ServerKey
    /// The server's address, which was checked before dialling.
    let remote: PeerEndpoint
    let loop: any EventLoop
    /// The number of requests sent on this connection.
    private(set) var requestCount = 0

    private let limits: HTTPLimits
    private let onClose: @Sendable (HTTPConnection) -> Void
    private var channel: (any Channel)?
    private var parser: ResponseParser?
    private var head: EventLoopPromise<ResponseHead>?
    private var reader: EventLoopPromise<ByteBuffer?>?
    private var backlog = BodyBacklog()
    /// Bytes of the body that wait for the caller, including overhead.
    var bufferedByteCount: Int { backlog.byteCount }
    private var isEnded = false
    private var keepsOpen = false
    private var failure: HTTPError?
    private var silence: Scheduled<Void>?
    private var deadline: Scheduled<Void>?

    init(
        to server: ServerKey,
        at remote: PeerEndpoint,
        loop: any EventLoop,
        limits: HTTPLimits,
        onClose: @escaping @Sendable (HTTPConnection) -> Void
    ) {
        self.server = server
        self.remote = remote
        self.loop = loop
        self.limits = limits
        self.onClose = onClose
    }

    /// Records the channel before it opens, so `fail` closes it from now on.
    func attach(_ channel: any Channel) throws(HTTPError) {
        if let failure { throw failure }
        self.channel = channel
    }

    /// Starts reading once the channel is open.
    func start(on channel: any Channel) throws {
        if let failure { throw failure }
        try StreamDialer.startReading(channel)
    }

    /// Whether the response was read to its end, nothing followed it, and the server keeps the connection open.
    var isReusable: Bool { failure == nil && isEnded && backlog.isEmpty && keepsOpen && parser?.isCleanlyDone == true }

    // MARK: - Requests

    /// Sends a request. The future completes with the head of the response, whose last byte must arrive within `limit`.
    func send(_ request: [UInt8], within limit: Interval?) -> EventLoopFuture<ResponseHead> {
        let promise = loop.makePromise(of: ResponseHead.self)
        guard failure == nil, let channel, channel.isActive else {
            promise.fail(failure ?? HTTPError(.unanswered, "the connection is closed"))
            return promise.futureResult
        }
        parser = ResponseParser(limits: limits)
        head = promise
        isEnded = false
        requestCount += 1
        channel.writeAndFlush(ByteBuffer(bytes: request), promise: nil)
        deadline = limit.map { limit in
            loop.scheduleTask(in: TimeAmount(limit)) { [weak self] in
                self?.fail(HTTPError(.timeout, "the answer took too long"))
            }
        }
        awaitBytes()
        return promise.futureResult
    }

    /// Returns the next bytes of the body; nil at its end.
    func nextBytes() -> EventLoopFuture<ByteBuffer?> {
        if let part = backlog.popFirst() {
            if bufferedByteCount < limits.bufferedBodyByteCount { setReading(true) }
            return loop.makeSucceededFuture(part)
        }
        if isEnded { return loop.makeSucceededFuture(nil) }
        if let failure { return loop.makeFailedFuture(failure) }
        let promise = loop.makePromise(of: ByteBuffer?.self)
        reader?.fail(HTTPError(.stopped, "another caller reads the body"))
        reader = promise
        awaitBytes()
        return promise.futureResult
    }

    /// Closes the connection. Pending requests fail with `failure`.
    func fail(_ failure: HTTPError) {
        guard self.failure == nil else { return }
        self.failure = failure
        settle()
        channel?.close(promise: nil)
    }

    // MARK: - Channel events

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard failure == nil else { return }
        guard parser != nil, !isEnded else {
            return fail(HTTPError(.malformed, "bytes without a request"))
        }
        parser?.handleBytes(unwrapInboundIn(data))
        silence?.cancel()
        drain()
        if head != nil || reader != nil { awaitBytes() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if failure == nil, parser != nil, !isEnded {
            parser?.handleClosed()
            drain()
        }
        fail(HTTPError(requestCount == 0 ? .connection : .unanswered, "the connection closed"))
        onClose(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Without a TLS close_notify the response may have been truncated. Its framing tells.
        if let tls = error as? NIOSSLError, case .uncleanShutdown = tls { return context.close(promise: nil) }
        let isUnanswered = parser?.hasBegun == false && requestCount > 1
        fail(isUnanswered ? HTTPError(.unanswered, "\(error)") : HTTPError(channel: error))
    }

    // MARK: - Steps

    private func drain() {
        do throws(HTTPError) {
            while let event = try parser?.nextEvent() {
                switch event {
                case .head(let answer):
                    keepsOpen = answer.keepsConnection
                    head?.succeed(answer)
                    head = nil
                case .body(let bytes): deliver(bytes)
                case .end:
                    isEnded = true
                    settle()
                }
            }
        } catch {
            fail(error)
        }
        if bufferedByteCount >= limits.bufferedBodyByteCount { setReading(false) }
    }

    private func deliver(_ bytes: ByteBuffer) {
        guard let reader else { return backlog.append(bytes) }
        self.reader = nil
        reader.succeed(bytes)
    }

    /// Ends all waiting once the response is complete or has failed.
    private func settle() {
        silence?.cancel()
        deadline?.cancel()
        head?.fail(failure ?? HTTPError(.malformed, "an answer without a head"))
        head = nil
        guard let reader else { return }
        self.reader = nil
        if let failure { reader.fail(failure) } else { reader.succeed(nil) }
    }

    /// Starts the timeout for the next bytes.
    private func awaitBytes() {
        silence?.cancel()
        silence = loop.scheduleTask(in: TimeAmount(limits.silenceTimeout)) { [weak self] in
            self?.fail(HTTPError(.timeout, "the server sent nothing for too long"))
        }
    }

    private func setReading(_ isReading: Bool) {
        try? channel?.syncOptions?.setOption(ChannelOptions.autoRead, value: isReading)
    }
}

extension HTTPError {
    /// Converts the error that ended a channel.
    init(channel error: any Error) {
        switch error {
        case let ours as HTTPError: self = ours
        case let socket as TransportError:
            let code: Code =
                switch socket.code {
                case .timeout: .timeout
                case .localBinding: .localBinding
                case .stopped: .stopped
                case .limit: .limit
                case .exhausted: .exhausted
                default: .connection
                }
            self.init(code, socket.description)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: self.init(.security, "\(error)")
        case is CancellationError: self.init(.stopped, "cancelled")
        default: self.init(.connection, "\(error)")
        }
    }
}
