// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import RucheTransport
import RucheWire
import Testing

@testable import RucheHTTP

@Suite(.timeLimit(.minutes(2))) struct HTTPClientTests {
    @Test(
        "Responses of poor servers are understood",
        arguments: [
            "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", "HTTP/1.0 200 OK\r\nContent-Length : 2\r\n\r\nhi",
            "HTTP/1.1 200 OK\r\nContent-Length: 77\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nhi",
        ]
    )
    func oddServers(answer: String) async throws {
        try await withClient { client, runtime in
            let server = try await RawServer(on: runtime) { _ in [.text(answer), .close] }
            #expect(try await client.text("http://\(server.endpoint)/") == "hi")
            await server.close()
        }
    }

    @Test(
        "Responses that are truncated, empty or invalid fail",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", .connection), ("", .unanswered),
            ("hello\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Encoding: br\r\n\r\nhi", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Encoding: gzip\r\n\r\nhi", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello you", .limit),
        ] as [(String, HTTPError.Code)]
    )
    func brokenServers(answer: String, code: HTTPError.Code) async throws {
        try await withClient { client, runtime in
            let server = try await RawServer(on: runtime) { _ in [.text(answer), .close] }
            let url = "http://\(server.endpoint)/"
            #expect(await failure { try await client.text(url, limit: 8) } == code)
            await server.close()
        }
    }

    @Test("Connections are kept, but not those of servers that close or send too much")
    func keptConnections() async throws {
        try await withClient { client, runtime in
            let server = try await RawServer(on: runtime) { request in
                switch request.target {
                case "/closes": [.answer("ok", fields: ["Connection: close"]), .close]
                case "/too-much": [.text("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokokok")]
                default: [.answer("ok")]
                }
            }
            for path in ["/a", "/b", "/too-much", "/c", "/closes", "/d"] {
                #expect(try await client.text("http://\(server.endpoint)\(path)") == "ok")
            }
            #expect(server.requests.map(\.connection) == [1, 1, 1, 2, 2, 3])
            #expect(try await client.text("http://\(server.endpoint)/e") { $0.keepsConnection = false } == "ok")
            #expect(server.requests.last?.connection == 4 && server.requests.last?.field("Connection") == "close")
            await server.close()
        }
    }

    @Test("A kept connection that closes under a request costs nothing but a new one, once")
    func staleConnections() async throws {
        try await withClient { client, runtime in
            let server = try await RawServer(on: runtime) { request in
                if request.target == "/never" { return [.close] }
                return request.number == 1 ? [.answer("ok")] : [.close]
            }
            for number in 1...3 {
                #expect(try await client.text("http://\(server.endpoint)/\(number)") == "ok")
            }
            #expect(server.requests.map(\.number) == [1, 2, 1, 2, 1])
            #expect(await failure { try await client.text("http://\(server.endpoint)/never") } == .unanswered)
            #expect(server.requests.suffix(2).map(\.number) == [2, 1], "over the kept connection, then over a new one")
            await server.close()
        }
    }

    @Test(
        "Redirects are followed in every form, and pass no password on to others",
        arguments: [
            ("/b", 301), ("b?c=d#e", 302), ("?q", 303), ("../b/./c", 307), ("//{host}/b", 308),
            ("http://{host}/b", 300),
            ("HTTP:\\\\{host}\\b", 302), ("/a b\u{e9}", 302), ("  /b  ", 302),
        ]
    )
    func redirects(location: String, status: Int) async throws {
        try await withClient { client, runtime in
            let server = try await RawServer(on: runtime) { request in
                guard request.target == "/x/a" else { return [.answer(request.target)] }
                let host = request.field("Host") ?? ""
                let target = location.replacingOccurrences(of: "{host}", with: host)
                return [.redirect(to: target, status: "\(status) Moved")]
            }
            let found = try await client.text("http://user:word@\(server.endpoint)/x/a")
            let expected = [
                "/b": "/b", "b?c=d#e": "/x/b?c=d", "?q": "/x/a?q", "../b/./c": "/b/c", "/a b\u{e9}": "/a%20b%C3%A9",
            ]
            #expect(found == expected[location] ?? "/b")
            #expect(server.requests.allSatisfy { $0.field("Authorization") == "Basic dXNlcjp3b3Jk" })
            await server.close()
        }
    }

    @Test("A redirect is requested once, and again when its target is gone")
    func rememberedRedirects() async throws {
        try await withClient { client, runtime in
            let other = try await RawServer(on: runtime) { request in
                request.number < 4 ? [.answer("there")] : [.answer("gone", status: "403 No")]
            }
            let server = try await RawServer(on: runtime) { request in
                request.number < 3 ? [.redirect(to: "http://other.test:\(other.endpoint.port)/b")] : [.answer("here")]
            }
            var texts: [String] = []
            for _ in 0..<4 {
                texts.append(try await client.text("http://u:p@\(server.endpoint)/a") { $0.remembersRedirects = true })
            }
            #expect(texts == ["there", "there", "there", "gone"])
            #expect(server.requests.count == 2, "the fourth request came here again")
            #expect(other.requests.allSatisfy { $0.field("Authorization") == nil }, "no password for others")
            await other.close()
            await server.close()
        }
    }

    @Test func circlesEnd() async throws {
        try await withClient { client, runtime in
            let server = try await RawServer(on: runtime) { _ in [.redirect(to: "/again")] }
            #expect(await failure { try await client.text("http://\(server.endpoint)/") } == .redirects)
            #expect(server.requests.count == client.limits.redirects + 1)
            await server.close()
        }
    }

    @Test(
        "A compressed body is decompressed, whatever its coding is called; a bomb is stopped",
        arguments: ["gzip", "x-gzip"]
    )
    func compression(name: String) async throws {
        try await withClient { client, runtime in
            let server = try await RawServer(on: runtime) { _ in
                [.answer(Bomb.gzip, fields: ["Content-Encoding: \(name)"])]
            }
            let url = "http://\(server.endpoint)/"
            #expect(try await client.text(url) { $0.takesCompressed = true }.utf8.count == 262_145)
            #expect(server.requests.last?.field("Accept-Encoding") == "gzip")
            #expect(await failure { try await client.text(url, limit: 4096) } == .limit)
            await server.close()
        }
    }

    @Test("A slow reader of a body slows the server down, and memory stays bounded")
    func backPressure() async throws {
        try await withClient { client, runtime in
            let size = 16 << 20
            let server = try await RawServer(on: runtime) { _ in [.answer(Array(repeating: 7, count: size))] }
            var request = HTTPRequest(try ServiceURL("http://\(server.endpoint)/"), for: .unrestricted)
            request.keepsConnection = false
            let (first, ahead, total) = try await client.get(request) { answer in
                let first = try await answer.nextBytes()?.readableBytes ?? 0
                // Nothing is taken, so the client reads up to the limit and no further.
                var aheadCount = 0
                while aheadCount < client.limits.bufferedBodyByteCount {
                    try await Task.sleep(nanoseconds: 1_000_000)
                    let ahead = answer.connection.loop.submit { answer.connection.bufferedByteCount }
                    aheadCount = try await ahead.get()
                }
                var total = first
                while let bytes = try await answer.nextBytes() { total += bytes.readableBytes }
                return (first, aheadCount, total)
            }
            #expect(first > 0 && total == size)
            #expect(ahead >= client.limits.bufferedBodyByteCount && ahead < 4 << 20)
            await server.close()
        }
    }

    @Test("Silence times out, before a response and in its middle")
    func silence() async throws {
        var limits = HTTPLimits()
        limits.silenceTimeout = .milliseconds(50)
        try await withClient(limits: limits) { client, runtime in
            let server = try await RawServer(on: runtime) { request in
                request.target == "/none" ? [] : [.text("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")]
            }
            #expect(await failure { try await client.text("http://\(server.endpoint)/none") } == .timeout)
            #expect(await failure { try await client.text("http://\(server.endpoint)/half") } == .timeout)
            await server.close()
        }
    }

    @Test("A response has a deadline, unless it may have any length", arguments: [true, false])
    func deadlines(hasDeadline: Bool) async throws {
        var limits = HTTPLimits()
        limits.answerTimeout = .milliseconds(1)
        try await withClient(limits: limits) { client, runtime in
            let size = 8 << 20
            let server = try await RawServer(on: runtime) { _ in [.answer(Array(repeating: 7, count: size))] }
            var request = HTTPRequest(try ServiceURL("http://\(server.endpoint)/"), for: .unrestricted)
            request.hasDeadline = hasDeadline
            let code = await failure {
                try await client.get(request) { answer in
                    var total = 0
                    while let bytes = try await answer.nextBytes() {
                        total += bytes.readableBytes
                        try await Task.sleep(nanoseconds: 1_000_000)
                    }
                    #expect(total == size)
                }
            }
            #expect(code == (hasDeadline ? .timeout : nil))
            await server.close()
        }
    }

    @Test("A cancelled request closes its connection, and so does shutdown")
    func cancellation() async throws {
        try await withClient { client, runtime in
            let server = try await RawServer(on: runtime) { _ in [] }
            let url = "http://\(server.endpoint)/"
            let task = Task { await failure { try await client.text(url) } }
            while server.requests.isEmpty { try await Task.sleep(nanoseconds: 1_000_000) }
            task.cancel()
            #expect(await task.value == .stopped)
            while server.openCount > 0 { try await Task.sleep(nanoseconds: 1_000_000) }
            let second = Task { await failure { try await client.text(url) } }
            while server.requests.count < 2 { try await Task.sleep(nanoseconds: 1_000_000) }
            await client.shutdown()
            #expect(await second.value == .stopped)
            #expect(await failure { try await client.text(url) } == .stopped)
            await server.close()
        }
    }
}
