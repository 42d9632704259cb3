// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import NIOHTTP1
import RucheTransport
import RucheWire
import Synchronization
import Testing

@testable import RucheStreaming

/// Connections of players, over sockets, to bytes that a test makes.
@Suite(.timeLimit(.minutes(2))) struct PlayerConnectionTests {
    private static let fileBytes = 300 << 20

    /// A server whose only file comes from `source`.
    private func serve(
        limits: StreamingLimits = StreamingLimits(),
        _ source: @escaping @Sendable (MediaAnswer.Body) -> Films.Bytes,
        _ body: (_ path: String, _ port: Int) async throws -> Void
    ) async throws {
        let runtime = TransportRuntime(loopCount: 1, blockingThreadCount: 1)
        let connections = PlayerConnections(limit: limits.connections)
        let listener = try await LoopbackListener(runtime) { try connections.configure($0) }
        let token = Array(repeating: UInt8(7), count: 16)
        let files = [0: MediaShelf.File(path: "film.mp4", byteCount: Self.fileBytes)]
        let shelf = MediaShelf(files, contentName: "x", token: token, port: listener.port)
        connections.start(Films(shelf, limits: limits) { body, _ in Self.isProbe(body) ? nothing : source(body) })
        let path = "/" + String(repeating: "07", count: 16) + "/0/film.mp4"
        do {
            try await body(path, Int(listener.port))
        } catch {
            Issue.record(error)
        }
        await listener.close()
        await connections.close()
        await runtime.shutdown()
    }

    /// The server looks for the film's index once.
    private static func isProbe(_ body: MediaAnswer.Body) -> Bool { body.range == 0..<65_536 }

    private func get(_ path: String, _ port: Int, _ fields: String...) -> String {
        (["GET \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)"] + fields + ["", ""]).joined(separator: "\r\n")
    }

    @Test func `A connection serves several requests, the next one after the whole answer to the last`() async throws {
        try await serve { body in
            Chunks(count: body.range.count / 10) { Array(repeating: UInt8($0 & 0xff), count: 10) }
        } _: { path, port in
            let client = try await PlainClient(port: port)
            let first = get(path, port, "Range: bytes=0-19")
            let last = get(path, port, "Range: bytes=0-9", "Connection: close")
            try await client.send(first + last)
            let answer = PlainAnswer(await client.readAll())
            #expect(answer.status == 206)
            let second = PlainAnswer(Array(answer.body.dropFirst(20)))
            #expect(Array(answer.body.prefix(20)) == (0..<20).map { $0 / 10 })
            #expect(second.status == 206 && second.body == [UInt8](repeating: 0, count: 10))
        }
    }

    @Test func `The next bytes are read only after the player has taken those before`() async throws {
        let (offered, continuation) = AsyncStream.makeStream(of: EventLoopPromise<Void>?.self)
        let taken = Atomic<Int>(0)
        let readEarly = Atomic<Int>(0)
        let shelf = MediaShelf(
            [0: .init(path: "film.mp4", byteCount: Self.fileBytes)],
            contentName: "x",
            token: Array(repeating: 7, count: 16),
            port: 80
        )
        let films = Films(shelf) { body, _ in
            Chunks(count: Self.isProbe(body) ? 0 : .max) { number in
                if taken.load(ordering: .sequentiallyConsistent) < number {
                    readEarly.wrappingAdd(1, ordering: .sequentiallyConsistent)
                }
                return [1]
            }
        }
        let channel = NIOAsyncTestingChannel()
        try await channel.testingEventLoop.executeInContext {
            try channel.pipeline.syncOperations.addHandlers(
                FullSocket(continuation),
                PlayerConnection(films, on: channel.eventLoop)
            )
        }
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        let path = "/" + String(repeating: "07", count: 16) + "/0/film.mp4"
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: ["Host": "127.0.0.1:80"])
        try await channel.writeInbound(HTTPServerRequestPart.head(head))
        var iterator = offered.makeAsyncIterator()
        for _ in 0..<50 {
            let promise = try #require(await iterator.next())
            taken.wrappingAdd(1, ordering: .sequentiallyConsistent)
            promise?.succeed()
        }
        #expect(readEarly.load(ordering: .sequentiallyConsistent) == 0)
        try await channel.close().get()
    }

    @Test func `A player that leaves cancels its reader at once`() async throws {
        let (events, continuation) = AsyncStream.makeStream(of: Bool.self)
        try await serve { _ in
            Chunks(count: .max) { number in
                if number == 0 { return [1] }
                continuation.yield(false)
                while !Task.isCancelled { try? await Task.sleep(nanoseconds: 1_000_000) }
                continuation.yield(Task.isCancelled)
                throw CancellationError()
            }
        } _: { path, port in
            let client = try await PlainClient(port: port)
            try await client.send(get(path, port))
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == false)
            await client.close()
            #expect(await iterator.next() == true)
        }
    }

    @Test func `A file that fails ends the connection`() async throws {
        try await serve { _ in
            Chunks(count: .max) { number in
                if number == 0 { return [1, 2, 3] }
                throw CancellationError()
            }
        } _: { path, port in
            let client = try await PlainClient(port: port)
            try await client.send(get(path, port))
            let answer = PlainAnswer(await client.readAll())
            #expect(answer.head.contains("\(Self.fileBytes)"))
            #expect(answer.body == [1, 2, 3])
        }
    }

    @Test func `A connection beyond the limit is closed`() async throws {
        var limits = StreamingLimits()
        limits.connections = 1
        try await serve(limits: limits) { _ in
            Chunks(count: 1) { _ in [1] }
        } _: { path, port in
            let first = try await PlainClient(port: port)
            try await first.send(get(path, port, "Range: bytes=0-0"))
            await first.readSome()
            let second = try await PlainClient(port: port)
            #expect(await second.readAll().isEmpty)
            await first.close()
            // Its place becomes free, sooner or later.
            var answer: [UInt8] = []
            while answer.isEmpty {
                let third = try await PlainClient(port: port)
                try? await third.send(get(path, port, "Range: bytes=0-0", "Connection: close"))
                answer = await third.readAll()
            }
            #expect(PlainAnswer(answer).body == [1])
        }
    }

    @Test func `A silent connection ends`() async throws {
        var limits = StreamingLimits()
        limits.requestTimeout = .zero
        try await serve(limits: limits) { _ in
            Chunks(count: 1) { _ in [1] }
        } _: { _, port in
            let client = try await PlainClient(port: port)
            try await client.send("GET / HTTP/1.1\r\n")
            #expect(await client.readAll().isEmpty)
        }
    }

    @Test(arguments: ["\u{0}\u{1}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\r\n\r\n"])
    func `What is not HTTP is refused`(text: String) async throws {
        try await serve { _ in
            Chunks(count: 1) { _ in [1] }
        } _: { _, port in
            let client = try await PlainClient(port: port)
            try await client.send(text)
            #expect(PlainAnswer(await client.readAll()).status == 400)
        }
    }
}

private let nothing = Chunks(count: 0) { _ in [] }

/// A socket that takes bytes when a test says so.
private final class FullSocket: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart
    private let continuation: AsyncStream<EventLoopPromise<Void>?>.Continuation

    init(_ continuation: AsyncStream<EventLoopPromise<Void>?>.Continuation) { self.continuation = continuation }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .body = unwrapOutboundIn(data) else { return promise?.succeed() ?? () }
        continuation.yield(promise)
    }
}

/// Chunks that a function makes, one after the other.
private struct Chunks: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    let count: Int
    let make: @Sendable (Int) async throws -> [UInt8]

    init(count: Int, make: @escaping @Sendable (Int) async throws -> [UInt8]) {
        self.count = count
        self.make = make
    }

    func makeAsyncIterator() -> Iterator { Iterator(chunks: self) }

    struct Iterator: AsyncIteratorProtocol {
        let chunks: Chunks
        var number = 0

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
            guard number < chunks.count else { return nil }
            defer { number += 1 }
            return try await chunks.make(number)
        }

        mutating func next() async throws -> [UInt8]? { try await next(isolation: nil) }
    }
}
