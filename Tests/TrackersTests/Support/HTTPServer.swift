// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import RucheTransport
import RucheWire
import Synchronization

/// A server that answers each request's target with bytes from the test, and closes the connection.
final class HTTPServer: Sendable {
    typealias Answer = @Sendable (_ target: String) -> [UInt8]?

    let endpoint: PeerEndpoint
    private let channel: any Channel
    private let log: Log

    /// The head of every request so far.
    var heads: [String] { log.heads.withLock { $0 } }

    /// If `answer` returns nil, the server never responds.
    init(on runtime: TransportRuntime, at address: IPAddress = .loopbackV4, answer: @escaping Answer) async throws {
        let log = Log()
        let anyPort = SocketAddress(PeerEndpoint(address: address, port: 0))
        channel = try await ServerBootstrap(group: runtime.loops[0])
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(log, answer))
                }
            }
            .bind(to: anyPort).get()
        endpoint = channel.localAddress.flatMap(PeerEndpoint.init) ?? PeerEndpoint(address: address, port: 0)
        self.log = log
    }

    func url(_ path: String = "/announce") -> String { "http://\(endpoint)\(path)" }

    func close() async { try? await channel.close() }

    private final class Log: Sendable {
        let heads = Mutex<[String]>([])
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let log: Log
        private let answer: Answer
        private var head = ""

        init(_ log: Log, _ answer: @escaping Answer) {
            self.log = log
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            head += String(buffer: unwrapInboundIn(data))
            guard head.hasSuffix("\r\n\r\n") else { return }
            log.heads.withLock { $0.append(head) }
            let target = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
            head = ""
            guard let bytes = answer(target) else { return }
            let channel = context.channel
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes))).whenComplete { _ in
                channel.close(promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

extension HTTPServer {
    /// Returns a complete response.
    static func answer(_ body: [UInt8], status: String = "200 OK", headers: [String] = []) -> [UInt8] {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)", "Connection: close"] + headers
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    static func answer(_ body: String, status: String = "200 OK", headers: [String] = []) -> [UInt8] {
        answer(Array(body.utf8), status: status, headers: headers)
    }
}
