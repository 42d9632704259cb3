// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire
import Testing

@testable import RucheSwarm

/// A peer of another implementation: bytes as in BEP 3 and BEP 10, written and read by hand.
private final class ForeignPeer {
    private let runtime = TransportRuntime(loopCount: 1, blockingThreadCount: 1)
    private let stream: any PeerStream
    private var chunks: AsyncStream<[UInt8]>.Iterator
    private var held: [UInt8] = []

    init(_ endpoint: PeerEndpoint, _ hashes: InfoHashes) async throws {
        let (incoming, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        chunks = incoming.makeAsyncIterator()
        let dialer = PeerDialer(
            over: [TCPTransport(runtime: runtime)],
            policy: EncryptionPolicy.off.channels,
            runtime: runtime
        )
        let hash = hashes.wireHashes[0]
        let connection = try await dialer.dial(endpoint, infoHash: hash, on: runtime.loops[0]) { connection in
            let reader = Reader(connection.stream, continuation)
            connection.stream.attach(reader)
            connection.stream.read(.batch)
            return reader
        }.get()
        stream = connection.stream
        let reserved: [UInt8] = [0, 0, 0, 0, 0, 0x10, 0, 0]
        let id = Array("-XY0001-abcdefghijkl".utf8)
        try await send([19] + Array("BitTorrent protocol".utf8) + reserved + hash.bytes + id)
        let answer = try await next(68)
        #expect(answer.prefix(20).elementsEqual([19] + Array("BitTorrent protocol".utf8)) && answer[25] & 0x10 != 0)
    }

    func send(_ bytes: [UInt8]) async throws {
        try await stream.loop.submit { [stream] in
            stream.write(ByteBuffer(bytes: bytes), tag: nil)
            stream.flush()
        }.get()
    }

    func sendExtended(_ id: UInt8, _ text: String) async throws {
        let count = UInt8(text.utf8.count + 2)
        try await send([0, 0, 0, count, 20, id] + Array(text.utf8))
    }

    /// Returns the payload of the next extended message with this id.
    func nextExtended(_ id: UInt8) async throws -> [UInt8] {
        while true {
            let length = try await next(4).reduce(0) { $0 << 8 | Int($1) }
            let body = try await next(length)
            if body.count > 1, body[0] == 20, body[1] == id { return Array(body.dropFirst(2)) }
        }
    }

    func end() async throws {
        try await stream.loop.submit { [stream] in stream.close() }.get()
        await runtime.shutdown()
    }

    private func next(_ count: Int) async throws -> [UInt8] {
        while held.count < count { held += try #require(await chunks.next()) }
        defer { held.removeFirst(count) }
        return Array(held.prefix(count))
    }

    private final class Reader: PeerStreamSink {
        private let stream: any PeerStream
        private let continuation: AsyncStream<[UInt8]>.Continuation

        init(_ stream: any PeerStream, _ continuation: AsyncStream<[UInt8]>.Continuation) {
            self.stream = stream
            self.continuation = continuation
        }

        func handleReceived(_ bytes: ByteBuffer) { continuation.yield(Array(bytes.readableBytesView)) }

        func handleReadDone() { stream.read(.batch) }

        func handleWritable() {}

        func handleWritten(_ tag: UInt32) {}

        func handleClosed() { continuation.finish() }
    }
}

@Suite("Extensions and other implementations", .timeLimit(.minutes(2)))
struct ForeignPeerTests {
    @Test("Any peer that supports BEP 10 can use an app's extension")
    func foreign() async throws {
        let ground = try Playground()
        let metainfo = try await ground.makeTorrent()
        let session = try await ground.makeSeed(metainfo)
        let messages = try session.extend(with: Parrot.self)
        let reports = messages.reports
        let peer = try await ForeignPeer(try #require(session.endpoints.first), metainfo.info.hashes)
        try await peer.sendExtended(0, "d1:md9:rt_parroti42eee")
        let names = String(decoding: try await peer.nextExtended(0), as: UTF8.self)
        let id = try #require(names.firstMatch(of: /9:rt_parroti(\d+)e/).flatMap { UInt8($0.1) })
        try await peer.sendExtended(id, "?foreign")
        #expect(try await peer.nextExtended(42) == Array("!foreign".utf8))
        let heard = await reports.first { if case .heard = $0.report { true } else { false } }
        #expect(heard?.torrent === session.torrents.first)
        try await peer.end()
        await session.shutdown()
    }
}
