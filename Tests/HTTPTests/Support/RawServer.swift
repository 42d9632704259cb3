// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL
import RucheTransport
import RucheWire
import Synchronization

/// A server that answers each request with bytes chosen by the test, well-formed or not.
final class RawServer: Sendable {
    /// What it does on a request.
    enum Step: Sendable {
        case send([UInt8])
        case close

        static func text(_ text: String) -> Step { .send(Array(text.utf8)) }
    }

    struct Request: Sendable {
        /// All lines up to the empty one.
        let head: String
        /// Counts from 1, over all connections.
        let connection: Int
        /// Counts from 1, on its connection.
        let number: Int

        var target: String { head.split(separator: " ").dropFirst().first.map(String.init) ?? "" }

        func field(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }.map {
                String($0.dropFirst(name.count + 2))
            }
        }
    }

    typealias Script = @Sendable (Request) -> [Step]

    let endpoint: PeerEndpoint
    private let channel: any Channel
    private let log: Log

    /// Every request so far.
    var requests: [Request] { log.state.withLock { $0.requests } }
    var connectionCount: Int { log.state.withLock { $0.connectionCount } }
    var openCount: Int { log.state.withLock { $0.openCount } }

    init(
        on runtime: TransportRuntime,
        at address: IPAddress = IPAddress(v4: 0x7f00_0001),
        isSecure: Bool = false,
        script: @escaping Script
    ) async throws {
        let log = Log()
        let context = isSecure ? try Self.makeContext() : nil
        channel = try await ServerBootstrap(group: runtime.loops[0])
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.addHandler(Handler(log, script))
                }
            }
            .bind(to: SocketAddress(PeerEndpoint(address: address, port: 0))).get()
        endpoint = channel.localAddress.flatMap(PeerEndpoint.init) ?? PeerEndpoint(address: address, port: 0)
        self.log = log
    }

    func close() async { try? await channel.close() }

    private static func makeContext() throws -> NIOSSLContext {
        let certificates = try NIOSSLCertificate.fromPEMBytes(Array(TestCertificate.pem.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(TestCertificate.key.utf8), format: .pem)
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        return try NIOSSLContext(configuration: configuration)
    }

    private final class Log: Sendable {
        struct State {
            var requests: [Request] = []
            var connectionCount = 0
            var openCount = 0
        }

        let state = Mutex(State())
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let log: Log
        private let script: Script
        private var head = ""
        private var number = 0
        private var connection = 0

        init(_ log: Log, _ script: @escaping Script) {
            self.log = log
            self.script = script
        }

        func channelActive(context: ChannelHandlerContext) {
            connection = log.state.withLock { state in
                state.connectionCount += 1
                state.openCount += 1
                return state.connectionCount
            }
            context.fireChannelActive()
        }

        func channelInactive(context: ChannelHandlerContext) {
            log.state.withLock { $0.openCount -= 1 }
            context.fireChannelInactive()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            head += String(buffer: unwrapInboundIn(data))
            guard head.hasSuffix("\r\n\r\n") else { return }
            number += 1
            let request = Request(head: head, connection: connection, number: number)
            head = ""
            log.state.withLock { $0.requests.append(request) }
            for step in script(request) {
                switch step {
                case .send(let bytes): context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
                case .close: context.close(promise: nil)
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

extension RawServer.Step {
    /// A complete response as a modern server sends it.
    static func answer(_ body: [UInt8], status: String = "200 OK", fields: [String] = []) -> RawServer.Step {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + fields
        return .send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }

    static func answer(_ body: String, status: String = "200 OK", fields: [String] = []) -> RawServer.Step {
        answer(Array(body.utf8), status: status, fields: fields)
    }

    static func redirect(to location: String, status: String = "302 Found") -> RawServer.Step {
        answer("moved", status: status, fields: ["Location: \(location)"])
    }
}
