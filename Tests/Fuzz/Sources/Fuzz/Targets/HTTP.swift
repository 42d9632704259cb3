// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheHTTP

extension FuzzTarget {
    static let contentRange = FuzzTarget(name: "content-range", seeds: { ranges.map { Array($0.utf8) } }) { bytes in
        guard let range = ContentRange(String(decoding: bytes, as: UTF8.self)) else { return }
        require(range.bytes.lowerBound >= 0, "no byte comes before the first")
        require(range.total.map { range.bytes.upperBound < $0 } ?? true, "none comes after the last")
    }

    static let url = FuzzTarget(name: "url", seeds: { urls.map { Array($0.utf8) } }) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        // Encoding makes text longer, and a URL has a limit.
        guard text.utf8.count < 4_096 else { return }
        if let url = try? ServiceURL(text) {
            let again = try? ServiceURL(url.description)
            require(again?.host == url.host && again?.port == url.port, "writing it keeps the server")
            require(again?.target == url.target, "writing it keeps the target")
            require(url.target.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "the target fits a request line")
        }
        guard let base = try? ServiceURL("http://a:1/b/c?d"), let found = try? base.resolving(text) else { return }
        require(found.target.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "the target fits a request line")
    }

    /// The first byte gives the size of the pieces into which the rest is split; the result must not depend on it.
    static let httpAnswer = FuzzTarget(name: "http-answer", seeds: { answers.map { [3] + Array($0.utf8) } }) { bytes in
        guard let size = bytes.first else { return }
        let answer = Array(bytes.dropFirst())
        let whole = read(answer, by: max(1, answer.count))
        require(whole == read(answer, by: Int(size % 16) + 1), "the pieces make no difference")
        require(whole.count <= answer.count, "nothing is made up")
    }

    private static func read(_ bytes: [UInt8], by size: Int) -> [UInt8] {
        var parser = ResponseParser()
        var body: [UInt8] = []
        do {
            for start in stride(from: 0, to: bytes.count, by: size) {
                parser.handleBytes(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
                try take(&parser, &body)
            }
            parser.handleClosed()
            try take(&parser, &body)
        } catch {}
        return body
    }

    private static func take(_ parser: inout ResponseParser, _ body: inout [UInt8]) throws {
        while let event = try parser.nextEvent() {
            switch event {
            case .head(let head): _ = RangeAnswer(head, range: 0..<10, ofFileOf: 100)
            case .body(let part): body += Array(buffer: part)
            case .end: break
            }
        }
    }

    static let httpDate = FuzzTarget(name: "http-date", seeds: { dates.map { Array($0.utf8) } }) { bytes in
        guard let seconds = HTTPDate.seconds(String(decoding: bytes, as: UTF8.self)) else { return }
        require((-62_200_000_000...253_402_400_000).contains(seconds), "years have four digits")
    }

    private static let ranges = [
        "bytes 0-499/1234", "bytes 500-999/*", "Bytes 0-9223372036854775806/9223372036854775807",
    ]

    private static let urls = [
        "http://user:word@tracker.example:80/announce?a=b#c", "udp://[2001:db8::1]:6969/x", "//h/../a", "?q", "a/./b",
    ]

    private static let answers = [
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 4\r\nContent-Range: bytes 0-3/100\r\n\r\nbody",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\nTransfer-Encoding: chunked\n\n4;a\nbody\n0\nA: b\n\n",
        "HTTP/1.0 200 OK\r\nX : a\r\n b\r\n\r\nbody",
    ]

    private static let dates = [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ]
}
