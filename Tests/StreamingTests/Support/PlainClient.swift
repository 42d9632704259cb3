// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A player's connection, of which a test sees every byte.
final class PlainClient: Sendable {
    let channel: any Channel
    private let received: AsyncStream<ByteBuffer>

    /// Connects to 127.0.0.1. Without `isReading`, the client takes nothing that it is sent.
    init(port: Int, isReading: Bool = true) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        received = stream
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(ChannelOptions.autoRead, value: isReading)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(channel.allocator.buffer(string: text)).get()
    }

    /// Returns everything until the server closes the connection.
    func readAll() async -> [UInt8] {
        var bytes: [UInt8] = []
        for await buffer in received { bytes += Array(buffer.readableBytesView) }
        return bytes
    }

    /// Returns as soon as something has arrived.
    func readSome() async {
        for await _ in received { return }
    }

    func close() async { try? await channel.close().get() }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let continuation: AsyncStream<ByteBuffer>.Continuation

        init(_ continuation: AsyncStream<ByteBuffer>.Continuation) { self.continuation = continuation }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(unwrapInboundIn(data)) }

        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// A response, split at its empty line.
struct PlainAnswer {
    let head: String
    let body: [UInt8]

    init(_ bytes: [UInt8]) {
        let end = Array("\r\n\r\n".utf8)
        let split = bytes.indices.first { bytes[$0...].starts(with: end) } ?? bytes.count
        head = String(decoding: bytes[..<split], as: UTF8.self)
        body = Array(bytes[min(bytes.count, split + 4)...])
    }

    var status: Int? { head.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
}
