// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import Testing

@testable import RucheHTTP

/// What the parser reads from a response.
private struct Reading: Equatable {
    var status = 0
    var body: [UInt8] = []
    var isOver = false
    var keepsConnection = false
    var failure: HTTPError.Code?

    /// Parses `bytes` in pieces of `size`, then the end of the connection if `closes`.
    init(_ bytes: [UInt8], by size: Int, closes: Bool, limits: HTTPLimits = .init()) {
        var parser = ResponseParser(limits: limits)
        do throws(HTTPError) {
            for start in stride(from: 0, to: bytes.count, by: size) {
                parser.handleBytes(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
                try take(&parser)
            }
            if closes {
                parser.handleClosed()
                try take(&parser)
            }
        } catch {
            failure = error.code
        }
    }

    private mutating func take(_ parser: inout ResponseParser) throws(HTTPError) {
        while let event = try parser.nextEvent() {
            switch event {
            case .head(let head):
                status = head.status
                keepsConnection = head.keepsConnection
            case .body(let bytes): body += Array(buffer: bytes)
            case .end: isOver = true
            }
        }
    }
}

@Suite struct ResponseParserTests {
    private func read(_ text: String, closes: Bool = false, limits: HTTPLimits = .init()) -> Reading {
        let bytes = Array(text.utf8)
        let whole = Reading(bytes, by: max(1, bytes.count), closes: closes, limits: limits)
        for size in [1, 2, 3, 7] {
            #expect(Reading(bytes, by: size, closes: closes, limits: limits) == whole, "by \(size) bytes")
        }
        return whole
    }

    @Test(
        "Bodies end by length, by chunks, with the connection, or are absent",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", "body", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 4, 4\r\nContent-Length: 4\r\n\r\nbody", "body", true),
            (
                "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2;x=\"y\"\r\ndy\r\n0\r\nA: b\r\n\r\n",
                "body", true
            ),
            ("HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n", "", true), ("HTTP/1.1 304 No\r\n\r\n", "", true),
            ("HTTP/1.0 200 OK\r\n\r\nbody", "body", false), ("HTTP/1.1 200 OK\r\n\r\nbody", "body", false),
            ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", "", true),
            ("HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close\r\nContent-Length: 0\r\n\r\n", "", false),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
                "x", true
            ),
        ]
    )
    func bodies(text: String, body: String, keeps: Bool) {
        let reading = read(text, closes: true)
        #expect(reading.failure == nil && reading.isOver && reading.body == Array(body.utf8))
        #expect(reading.keepsConnection == keeps)
    }

    @Test(
        "What servers send although they should not is accepted",
        arguments: [
            "HTTP/1.1 200 OK\nContent-Length: 4\n\nbody", "HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\nbody",
            "HTTP/1.1 200 OK\r\nContent-Length\t:\t4\t\r\n\r\nbody",
            "\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length:4\r\n\r\nbody",
            "HTTP/1.1 200 OK\r\nno colon here\r\n: no name\r\nContent-Length: 4\r\n\r\nbody",
            "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length:\r\n 4\r\n\r\nbody",
            "HTTP/1.1 200 OK\r\nContent-Length: 900\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\nTransfer-Encoding: Chunked\n\n004 \nbody\n0\n\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 4\r\n\r\nbody",
            "HTTP/1.1  200  Very \u{e9}\r\nContent-Length: 4\r\n\r\nbody",
        ]
    )
    func oddAnswers(text: String) {
        let reading = read(text)
        #expect(reading.failure == nil && reading.isOver && reading.status == 200)
        #expect(reading.body == Array("body".utf8))
    }

    @Test("After a length beside chunks, the connection is not reused")
    func ambiguousLengths() {
        let both = read("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")
        #expect(both.isOver && !both.keepsConnection)
    }

    @Test(
        "Invalid and contradictory responses fail",
        arguments: [
            ("SSH-2.0-OpenSSH_9\r\n", .malformed), ("\n HTTP/1.1 200 OK\r\n\r\n", .malformed),
            ("<html>", .malformed),
            ("HTTP/2 200 OK\r\n\r\n", .malformed),
            ("HTTP/1.1 99 X\r\n\r\n", .malformed), ("HTTP/1.1 2000 X\r\n\r\n", .malformed),
            ("HTTP/1.1 101 Switching\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbody", .connection), ("HTTP/1.1 200", .connection),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n", .connection), ("", .unanswered),
        ] as [(String, HTTPError.Code)]
    )
    func badAnswers(text: String, code: HTTPError.Code) {
        let reading = Reading(Array(text.utf8), by: max(1, text.utf8.count), closes: true)
        #expect(reading.failure == code && !reading.isOver)
    }

    @Test("Endless heads, fields, interim responses and chunk lines hit a limit")
    func limits() {
        var limits = HTTPLimits()
        (limits.headByteCount, limits.fieldCount, limits.chunkLineByteCount, limits.interimAnswers) = (200, 5, 20, 2)
        let status = "HTTP/1.1 200 OK\r\n"
        #expect(read(status + String(repeating: "a", count: 300), limits: limits).failure == .limit)
        #expect(read(status + String(repeating: "a:b\r\n", count: 9), limits: limits).failure == .limit)
        #expect(read(String(repeating: "HTTP/1.1 100 X\r\n\r\n", count: 9), limits: limits).failure == .malformed)
        let chunked = status + "Transfer-Encoding: chunked\r\n\r\n"
        #expect(read(chunked + "1;" + String(repeating: "x", count: 30), limits: limits).failure == .limit)
        #expect(read(chunked + "0\r\n" + String(repeating: "a: b\r\n", count: 90), limits: limits).failure == .limit)
    }

    @Test("Chunk extensions are limited to a fixed size and a quarter of the body")
    func chunkExtensions() {
        var limits = HTTPLimits()
        limits.chunkExtensionByteCount = 100
        let start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let tiny = "1;" + String(repeating: "x", count: 19) + "\r\ny\r\n"
        let few = read(start + String(repeating: tiny, count: 5) + "0\r\n\r\n", limits: limits)
        #expect(few.failure == nil && few.isOver && few.body.count == 5)
        let many = read(start + String(repeating: tiny, count: 6) + "0\r\n\r\n", limits: limits)
        #expect(many.failure == .limit && many.body.count == 5)
        let large = "50;" + String(repeating: "x", count: 19) + "\r\n" + String(repeating: "y", count: 80) + "\r\n"
        let honest = read(start + String(repeating: large, count: 50) + "0\r\n\r\n", limits: limits)
        #expect(honest.failure == nil && honest.isOver && honest.body.count == 4000)
        let plain = read(start + String(repeating: "1\r\ny\r\n", count: 900) + "0\r\n\r\n", limits: limits)
        #expect(plain.failure == nil && plain.isOver && plain.body.count == 900)
    }

    @Test func mutationsNeverTrap() {
        let answers = [
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX: y\r\n z\r\n\r\nbody",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nbody\r\n0\r\nTrailer: x\r\n\r\n",
        ]
        for seed in 0..<4000 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var bytes = Array((answers.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                bytes[index] = UInt8(truncatingIfNeeded: random.next())
                if Bool.random(using: &random), bytes.count > 2 { bytes.remove(at: index) }
            }
            let whole = Reading(bytes, by: bytes.count, closes: true)
            let single = Reading(bytes, by: 1, closes: true)
            #expect(whole.body == single.body && whole.failure == single.failure, "seed \(seed)")
        }
    }
}
