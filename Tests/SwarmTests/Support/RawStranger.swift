// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire

/// A connection that knows the handshake and nothing else.
enum RawStranger {
    enum Answer: Sendable {
        case greeted
        case closed
    }

    /// Connects, says hello, and waits for a handshake or the end of the connection.
    static func greet(_ endpoint: PeerEndpoint, _ hashes: InfoHashes) async -> Answer {
        let runtime = TransportRuntime(loopCount: 1, blockingThreadCount: 1)
        let dialer = PeerDialer(.init(encryption: .off), runtime: runtime)
        let (answers, continuation) = AsyncStream.makeStream(of: Answer.self)
        let dialled = dialer.dial(endpoint, infoHash: hashes.wireHashes[0], on: runtime.loops[0]) { connection in
            try connection.channel.pipeline.syncOperations.addHandler(Listener(connection.infoHash, continuation))
        }
        let connection = try? await dialled.get()
        if connection == nil { continuation.yield(.closed) }
        var answer = Answer.closed
        for await first in answers {
            answer = first
            break
        }
        try? await connection?.channel.close().get()
        await runtime.shutdown()
        return answer
    }

    private final class Listener: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let infoHash: SHA1Digest
        private let continuation: AsyncStream<Answer>.Continuation
        private var isGreeted = false

        init(_ infoHash: SHA1Digest, _ continuation: AsyncStream<Answer>.Continuation) {
            self.infoHash = infoHash
            self.continuation = continuation
        }

        func handlerAdded(context: ChannelHandlerContext) {
            var hello = context.channel.allocator.buffer(capacity: 68)
            Handshake(capabilities: [.fast], infoHash: infoHash, peerID: PeerID(SHA1Digest())).encode(into: &hello)
            context.writeAndFlush(wrapOutboundOut(hello), promise: nil)
            context.read()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !isGreeted else { return }
            isGreeted = true
            continuation.yield(.greeted)
        }

        func channelInactive(context: ChannelHandlerContext) { continuation.yield(.closed) }
    }
}
