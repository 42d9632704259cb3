// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTesting
import RucheTransport
import RucheWire
import Testing

/// TCP as a transport.
struct TCPStreamTests {
    @Test(.timeLimit(.minutes(10)))
    func conforms() async throws {
        try await withRuntime(loops: 2) { runtime in
            let listening = TCPTransport(.init(binding: .loopback), runtime: runtime)
            let dialling = TCPTransport(runtime: runtime)
            let violations = try await checkPeerTransport(
                dialling: dialling,
                listening: listening,
                runtime: runtime
            )
            #expect(violations.isEmpty, "\(violations)")
            let code = await failure {
                try await makeDialer(.off, runtime).dial(
                    PeerEndpoint(address: .loopbackV4, port: 1),
                    infoHash: .swarm,
                    on: runtime.loops[0],
                    configure: ignore
                ).get()
            }
            #expect(code == .refused)
        }
    }

    /// One request of `.single` is one read; a batch reads on while there is more.
    @Test func oneReadAtATime() async throws {
        try await withRuntime { runtime in
            try await withListener(runtime) { listener, peers in
                let client = try await RawClient(to: listener.endpoints[0], on: runtime)
                try await client.send(handshakeBytes())
                let peer = try #require(await peers.first(1).first)
                let counter = ReadCounter()
                let connection = try await peer.adopt(on: runtime.loops[0]) { connection in
                    counter.attach(to: connection.stream)
                    return counter
                }.get()
                // More than one read can take.
                try await client.send(pattern(1 << 20))
                for amount in [ReadAmount.single, .single, .batch] {
                    let count = try await counter.demand(amount, on: connection.stream)
                    #expect(amount == .batch ? count >= 1 : count == 1)
                }
                try await connection.close()
            }
        }
    }
}

/// Counts the chunks that each request delivers.
private final class ReadCounter: PeerStreamSink, @unchecked Sendable {  // confined to the stream's loop
    private var count = 0
    private var promise: EventLoopPromise<Int>?

    func attach(to stream: any PeerStream) { stream.attach(self) }

    func demand(_ amount: ReadAmount, on stream: any PeerStream) async throws -> Int {
        let promise = stream.loop.makePromise(of: Int.self)
        stream.loop.execute { [self] in
            count = 0
            self.promise = promise
            stream.read(amount)
        }
        return try await promise.futureResult.get()
    }

    func handleReceived(_ bytes: ByteBuffer) { count += 1 }

    func handleReadDone() {
        // The first one comes without a request, at the start.
        guard count > 0, let promise else { return }
        self.promise = nil
        promise.succeed(count)
    }

    func handleWritable() {}

    func handleWritten(_ tag: UInt32) {}

    func handleClosed() {
        promise?.fail(ChannelError.ioOnClosedChannel)
        promise = nil
    }
}
