// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire
import Testing

@testable import RucheHTTP

@Suite("Asking routers over HTTP", .timeLimit(.minutes(2)))
struct RouterClientTests {
    private let request = ByteBuffer(string: "GET /root.xml HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

    private func ask(
        within timeout: Interval = .minutes(1),
        _ script: @escaping RawServer.Script
    ) async throws -> (status: Int, body: String) {
        let runtime = TransportRuntime(loopCount: 2, blockingThreadCount: 1)
        let result: Result<(status: Int, body: String), any Error>
        do {
            let server = try await RawServer(on: runtime, script: script)
            let client = RouterClient(runtime: runtime)
            do {
                let answer = try await client.ask(request, at: server.endpoint, byteLimit: 1_000, within: timeout)
                result = .success((answer.status, String(buffer: answer.body)))
            } catch {
                result = .failure(error)
            }
            await server.close()
        } catch {
            result = .failure(error)
        }
        await runtime.shutdown()
        return try result.get()
    }

    @Test("A response with a length, in chunks, until the connection ends, or of an error is read completely")
    func answers() async throws {
        let length = try await ask { _ in [.answer("body")] }
        #expect(length == (200, "body"))
        let chunks = try await ask { _ in
            [.text("HTTP/1.1 500 Error\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n")]
        }
        #expect(chunks == (500, "body"))
        let closed = try await ask { _ in [.text("HTTP/1.0 200 OK\r\n\r\nbo"), .text("dy"), .close] }
        #expect(closed == (200, "body"))
    }

    @Test("A redirect is a response like others and is not followed")
    func redirects() async throws {
        let answer = try await ask { _ in [.redirect(to: "http://192.0.2.1/")] }
        #expect(answer.status == 302)
    }

    @Test("A response that is too long, truncated or missing fails")
    func failures() async {
        #expect(await failure { try await ask { _ in [.answer([UInt8](repeating: 1, count: 1_001))] } } == .limit)
        #expect(await failure { try await ask { _ in [.text("HTTP/1.1 200 OK\r\n"), .close] } } == .connection)
        #expect(await failure { try await ask { _ in [.close] } } == .unanswered)
        #expect(await failure { try await ask(within: .milliseconds(50)) { _ in [] } } == .timeout)
    }
}
