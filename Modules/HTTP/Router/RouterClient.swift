// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheTransport
package import RucheWire

/// Sends requests to UPnP devices of the local network for a `PortMapper`: one request per connection, to a literal
/// address, without redirects.
package struct RouterClient: RouterHTTP {
    private let dialer: StreamDialer
    private let loop: any EventLoop

    /// Creates a client that dials from `binding` only.
    package init(binding: LocalBinding = .init(), runtime: TransportRuntime) {
        dialer = StreamDialer(binding: binding)
        loop = runtime.nextLoop()
    }

    /// Sends `request` unchanged and reads the response.
    ///
    /// - Throws: `HTTPError`: `.timeout`; `.limit` if the response exceeds `byteLimit` bytes; or why there is no
    ///   response.
    package func ask(
        _ request: ByteBuffer,
        at endpoint: PeerEndpoint,
        byteLimit: Int,
        within timeout: Interval
    ) async throws -> (status: Int, body: ByteBuffer) {
        let answer = loop.makePromise(of: RouterAnswerHandler.Answer.self)
        loop.execute { [loop, dialer] in
            let alarm = loop.scheduleTask(in: TimeAmount(timeout)) {
                answer.fail(HTTPError(.timeout, "\(endpoint) does not answer in time"))
            }
            answer.futureResult.whenComplete { _ in alarm.cancel() }
            let dial = dialer.connect(to: endpoint, on: loop, timeout: timeout) { channel in
                let handler = RouterAnswerHandler(answer, byteLimit: byteLimit)
                try channel.pipeline.syncOperations.addHandler(handler)
            }
            dial.whenFailure { answer.fail(HTTPError(channel: $0)) }
            dial.whenSuccess { channel in
                answer.futureResult.whenComplete { _ in channel.close(promise: nil) }
                do { try StreamDialer.startReading(channel) } catch { answer.fail(HTTPError(channel: error)) }
                channel.writeAndFlush(request, promise: nil)
            }
        }
        return try await answer.futureResult.get()
    }
}

/// Reads one response.
private final class RouterAnswerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias Answer = (status: Int, body: ByteBuffer)

    private let answer: EventLoopPromise<Answer>
    private let byteLimit: Int
    private var parser = ResponseParser()
    private var status = 0
    private var body = ByteBuffer()

    init(_ answer: EventLoopPromise<Answer>, byteLimit: Int) {
        self.answer = answer
        self.byteLimit = byteLimit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        parser.handleBytes(unwrapInboundIn(data))
        drain()
    }

    func channelInactive(context: ChannelHandlerContext) {
        parser.handleClosed()
        drain()
        answer.fail(HTTPError(.connection, "the connection closed before the answer"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { answer.fail(HTTPError(channel: error)) }

    private func drain() {
        do throws(HTTPError) {
            while let event = try parser.nextEvent() {
                switch event {
                case .head(let head): status = head.status
                case .body(let bytes):
                    guard body.readableBytes + bytes.readableBytes <= byteLimit else {
                        throw HTTPError(.limit, "an answer of more than \(byteLimit) bytes")
                    }
                    body.writeImmutableBuffer(bytes)
                case .end: answer.succeed((status, body))
                }
            }
        } catch {
            answer.fail(error)
        }
    }
}
