// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheWire
import Testing

@testable import RucheHTTP

@Suite struct RuleTests {
    @Test(
        "A number of seconds, or a date in any of HTTP's forms",
        arguments: [
            ("120", 120), ("0", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sunday, 06-Nov-94 08:49:37 GMT", 37),
            ("Sun Nov  6 08:49:37 1994", 37), ("Sun, 06 Nov 1994 08:48:37 GMT", 0), ("soon", nil), ("-1", nil),
            ("", nil),
            ("Sun, 99 Nov 1994 08:49:37 GMT", nil), ("Sun, 06 Nov 99999999999999999999 08:49:37 GMT", nil),
        ] as [(String, Int?)]
    )
    func retryAfter(value: String, seconds: Int?) {
        let now = 784_111_740  // 08:49:00
        #expect(RetryAfter.seconds(value, date: nil, now: now) == seconds)
        #expect(RetryAfter.seconds(value, date: "Sun, 06 Nov 1994 08:49:00 GMT", now: 5) == seconds)
    }

    private func makeHead(_ status: Int, _ fields: [(String, String)]) -> ResponseHead {
        ResponseHead(status: status, minorVersion: 1, fields: fields.map { .init(name: $0.0, value: $0.1) })
    }

    @Test("The response to a range request is the range, more, the whole file, or an error of file or server")
    func rangeAnswers() {
        func answer(_ status: Int, _ fields: (String, String)...) -> RangeAnswer {
            RangeAnswer(makeHead(status, fields), range: 100..<200, ofFileOf: 1000)
        }
        func isUnfit(_ answer: RangeAnswer) -> Bool { if case .unfitFile = answer { true } else { false } }
        func isUnavailable(_ answer: RangeAnswer) -> Bool { if case .unavailable = answer { true } else { false } }
        #expect(answer(206, ("content-range", "bytes 100-199/1000")) == .body(100..<200))
        #expect(answer(206, ("content-range", "bytes 100-149/*")) == .body(100..<150))
        #expect(answer(206, ("content-range", "bytes 0-999/1000")) == .body(0..<1000))
        #expect(answer(200) == .body(0..<1000))
        #expect(answer(200, ("content-length", "1000")) == .body(0..<1000))
        let unfit = [
            answer(206), answer(206, ("content-range", "bytes 101-199/1000")), answer(404), answer(416), answer(203),
            answer(206, ("content-range", "bytes 100-199/1001")), answer(200, ("content-length", "999")), answer(302),
            answer(206, ("content-range", "bytes 100-199/1000"), ("content-length", "99")),
            answer(206, ("content-range", "bytes 100-199/1000"), ("content-encoding", "gzip")),
            answer(200, ("content-encoding", "br")), answer(206, ("content-range", "bytes 0-1000/*")),
        ]
        #expect(unfit.allSatisfy(isUnfit))
        #expect([500, 502, 503, 429, 408].allSatisfy { isUnavailable(answer($0)) })
    }

    @Test("A request contains the range, the host, and the URL's user and password")
    func requests() throws {
        var request = HTTPRequest(try ServiceURL("http://us%65r:pa%3Ass@[::1]:8080?x"), for: .webSeed)
        request.range = 5..<10
        let text = String(decoding: request.encoded(to: request.url), as: UTF8.self)
        #expect(text.hasPrefix("GET /?x HTTP/1.1\r\nHost: [::1]:8080\r\n"))
        #expect(text.contains("\r\nRange: bytes=5-9\r\n") && text.contains("\r\nAccept-Encoding: identity\r\n"))
        #expect(text.contains("\r\nAuthorization: Basic dXNlcjpwYTpzcw==\r\n"), "user:pa:ss")
        #expect(text.hasSuffix("\r\nConnection: keep-alive\r\n\r\n"))
        #expect(!"\(request.url)".contains("us"), "no log shows them")
        let plain = HTTPRequest(try ServiceURL("https://h:443/a"), for: .tracker)
        #expect(String(decoding: plain.encoded(to: plain.url), as: UTF8.self).contains("\r\nHost: h\r\n"))
    }

    @Test("Idle connections are bounded for each server and in all, and end after a while")
    func shelf() throws {
        var limits = HTTPLimits()
        (limits.idlePerHost, limits.idle, limits.idleTime) = (2, 3, .seconds(10))
        var shelf = ConnectionShelf<Int>(limits: limits)
        let (a, b) = (ServerKey(try ServiceURL("http://a")), ServerKey(try ServiceURL("http://b")))
        let start = Instant.zero
        var surplus = (1...3).map { shelf.put($0, to: a, at: start + .seconds($0)) }
        #expect(surplus == [[], [], [1]])
        surplus = (4...5).map { shelf.put($0, to: b, at: start + .seconds($0)) }
        #expect(surplus == [[], [2]] && shelf.count == 3)
        let taken = (shelf.take(b) { _ in true }, shelf.take(b) { $0 != 4 }, shelf.take(a) { _ in true })
        #expect(taken == (5, nil, 3))
        #expect(shelf.nextWake == start + .seconds(14))
        let expired = (shelf.nextExpired(at: start + .seconds(13)), shelf.nextExpired(at: start + .seconds(14)))
        #expect(expired == ([], [4]) && shelf.count == 0)
    }

    @Test func redirectsAreForgottenInOrder() throws {
        var memory = RedirectMemory(limit: 2)
        let urls = try (0..<3).map { try ServiceURL("http://h/\($0)") }
        for url in urls { memory.handleAnswer(Redirect(target: urls[0], origin: []), from: url) }
        let kept = urls.map { memory.redirect(from: $0) != nil }
        #expect(kept == [false, true, true])
        memory.forget(urls[1])
        #expect(memory.redirect(from: urls[1]) == nil)
    }

    /// "hello hello hello" in the zlib formats, the last as some servers send it.
    private static let packed: [(ContentCoding, [UInt8])] = [
        (
            .gzip,
            [
                0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x90, 0, 0x80, 0x88,
                0xf9, 0xe5, 0x11, 0, 0, 0,
            ]
        ),
        (.deflate, [0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x90, 0, 0x3a, 0x2e, 6, 0x7d]),
        (.deflate, [0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x90, 0]),
    ]

    @Test("gzip, zlib and raw deflate are decompressed, however they are split", arguments: 0..<3)
    func unpacking(number: Int) throws {
        let (coding, bytes) = Self.packed[number]
        for size in [1, 3, bytes.count] {
            let inflater = Inflater(coding, byteLimit: 17)
            for start in stride(from: 0, to: bytes.count, by: size) {
                try inflater.handleBytes(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
            }
            try inflater.handleEnd()
            #expect(String(buffer: inflater.output) == "hello hello hello")
        }
        let small = Inflater(coding, byteLimit: 16)
        #expect(throws: HTTPError.self) { try small.handleBytes(ByteBuffer(bytes: bytes)) }
        let cut = Inflater(coding, byteLimit: 17)
        try cut.handleBytes(ByteBuffer(bytes: bytes.dropLast(coding == .gzip ? 9 : 3)))
        #expect(throws: HTTPError.self) { try cut.handleEnd() }
    }

    @Test("gzip members may follow each other; other bytes after them are ignored")
    func gzipMembers() throws {
        let bytes = Self.packed[0].1
        let inflater = Inflater(.gzip, byteLimit: 100)
        try inflater.handleBytes(ByteBuffer(bytes: bytes + bytes + [0, 0, 0]))
        try inflater.handleEnd()
        #expect(String(buffer: inflater.output) == "hello hello hellohello hello hello")
    }
}
