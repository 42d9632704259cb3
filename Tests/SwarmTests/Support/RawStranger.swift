// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire

/// A connection that supports the handshake and nothing else.
enum RawStranger {
    enum Answer: Sendable {
        case greeted
        case closed
    }

    /// Connects, sends a handshake, and waits for one or for the end of the connection.
    static func greet(_ endpoint: PeerEndpoint, _ hashes: InfoHashes) async -> Answer {
        let runtime = TransportRuntime(loopCount: 1, blockingThreadCount: 1)
        let dialer = PeerDialer(
            over: [TCPTransport(runtime: runtime)],
            policy: EncryptionPolicy.off.channels,
            runtime: runtime
        )
        let (answers, continuation) = AsyncStream.makeStream(of: Answer.self)
        let dialled = dialer.dial(endpoint, infoHash: hashes.wireHashes[0], on: runtime.loops[0]) { connection in
            let listener = Listener(connection.stream, continuation)
            connection.stream.attach(listener)
            listener.greet(connection.infoHash)
            return listener
        }
        let connection = try? await dialled.get()
        if connection == nil { continuation.yield(.closed) }
        var answer = Answer.closed
        for await first in answers {
            answer = first
            break
        }
        if let stream = connection?.stream { try? await stream.loop.submit { stream.close() }.get() }
        await runtime.shutdown()
        return answer
    }

    private final class Listener: PeerStreamSink {
        private let stream: any PeerStream
        private let continuation: AsyncStream<Answer>.Continuation
        private var isGreeted = false

        init(_ stream: any PeerStream, _ continuation: AsyncStream<Answer>.Continuation) {
            self.stream = stream
            self.continuation = continuation
        }

        func greet(_ infoHash: SHA1Digest) {
            var hello = ByteBuffer()
            Handshake(capabilities: [.fast], infoHash: infoHash, peerID: PeerID(SHA1Digest())).encode(into: &hello)
            stream.write(hello, tag: nil)
            stream.flush()
        }

        func handleReceived(_ bytes: ByteBuffer) {
            guard !isGreeted else { return }
            isGreeted = true
            continuation.yield(.greeted)
        }

        func handleReadDone() { stream.read(.batch) }

        func handleWritable() {}

        func handleWritten(_ tag: UInt32) {}

        func handleClosed() {
            if !isGreeted { continuation.yield(.closed) }
        }
    }
}
