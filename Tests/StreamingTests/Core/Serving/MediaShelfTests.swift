// SPDX-License-Identifier: Apache-2.0

import RucheStreaming
import Testing

@Suite struct MediaShelfTests {
    private let shelf = MediaShelf(
        [3: .init(path: "Holiday/film one.mp4", byteCount: 1000), 4: .init(path: "Holiday/page.html", byteCount: 0)],
        contentName: "abc",
        token: Array(0..<16),
        port: 4711
    )
    private let path = "/000102030405060708090a0b0c0d0e0f/3/film%20one.mp4"

    private func answer(
        _ method: String = "GET",
        _ target: String? = nil,
        host: [String] = ["127.0.0.1:4711"],
        _ change: (inout MediaRequest) -> Void = { _ in }
    ) -> MediaAnswer {
        var request = MediaRequest(method, target ?? path, host: host)
        change(&request)
        return shelf.answer(request)
    }

    @Test func `A URL has the token, the number and an encoded name`() {
        #expect(shelf.url(of: 3, "Holiday/film one.mp4") == "http://127.0.0.1:4711" + path)
        #expect(shelf.url(of: 4, "a/é?#%.mkv").hasSuffix("/4/%C3%A9%3F%23%25.mkv"))
    }

    @Test func `The whole file is served with its type, length and tag`() {
        let whole = answer()
        #expect(whole.status == 200 && whole.body == .init(file: 3, range: 0..<1000))
        #expect(whole["Content-Type"] == "video/mp4")
        #expect(whole["Content-Length"] == "1000")
        #expect(whole["Accept-Ranges"] == "bytes")
        #expect(whole["ETag"] == "\"abc-3\"")
        #expect(whole["Content-Range"] == nil)
    }

    @Test func `A range is served as a part, or refused with the file's length`() {
        let part = answer { $0.range = ["bytes=990-"] }
        #expect(part.status == 206 && part.body == .init(file: 3, range: 990..<1000))
        #expect(part["Content-Range"] == "bytes 990-999/1000")
        #expect(part["Content-Length"] == "10")
        let beyond = answer { $0.range = ["bytes=1000-"] }
        #expect(beyond.status == 416 && beyond.body == nil)
        #expect(beyond["Content-Range"] == "bytes */1000")
    }

    @Test func `A range under a condition needs the file's own strong tag`() {
        func status(_ ifRange: String) -> Int {
            answer {
                $0.range = ["bytes=0-9"]
                $0.ifRange = [ifRange]
            }.status
        }
        #expect(status("\"abc-3\"") == 206)
        #expect(status("W/\"abc-3\"") == 200)
        #expect(status("\"abc-4\"") == 200)
        #expect(status("Wed, 21 Oct 2015 07:28:00 GMT") == 200)
    }

    @Test func `HEAD has the fields of the whole file and no body, whatever the range`() {
        let head = answer("HEAD") { $0.range = ["bytes=0-9"] }
        #expect(head.status == 200 && head.body == nil)
        #expect(head["Content-Length"] == "1000")
        let whole = answer()
        #expect(head.fields == whole.fields)
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", ""])
    func `Other methods are refused`(method: String) {
        #expect(answer(method).status == 405)
        #expect(answer(method)["Allow"] == "GET, HEAD")
    }

    @Test(arguments: [
        "/", "", "*", "/000102030405060708090a0b0c0d0e0f", "/000102030405060708090a0b0c0d0e0f/3",
        "/000102030405060708090a0b0c0d0e0f/5/x", "/000102030405060708090a0b0c0d0e0f/-3/x",
        "/000102030405060708090a0b0c0d0e0f//x", "/000102030405060708090a0b0c0d0e0f/99999999999999999999/x",
        "/000102030405060708090a0b0c0d0e00/3/film%20one.mp4", "/000102030405060708090A0B0C0D0E0F/3/film%20one.mp4",
        "x/000102030405060708090a0b0c0d0e0f/3/film%20one.mp4",
    ])
    func `Without the token and a file there is nothing`(target: String) {
        let nothing = answer("GET", target)
        #expect(nothing.status == 404 && nothing.body == nil)
    }

    @Test func `The name and a query are not compared`() {
        #expect(answer("GET", "/000102030405060708090a0b0c0d0e0f/3/").status == 200)
        #expect(answer("GET", path + "/more?query=/1").status == 200)
    }

    @Test(arguments: ["127.0.0.1:4711", "localhost:4711", "LOCALHOST:4711", "[::1]:4711"])
    func `This machine's names are served`(host: String) {
        #expect(answer(host: [host]).status == 200)
    }

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:80", "attacker.example", "attacker.example:4711", "localhost.attacker.example:4711",
        "127.0.0.1:4711.attacker.example", "user@127.0.0.1:4711", "::1:4711", "0.0.0.0:4711", "",
    ])
    func `A page whose name resolves to this machine is refused`(host: String) {
        let refused = answer(host: [host])
        #expect(refused.status == 421 && refused.body == nil && refused.isLast)
    }

    @Test func `A request without a host, with two, or with a body ends the connection`() {
        #expect(answer(host: []).status == 400 && answer(host: []).isLast)
        #expect(answer(host: ["127.0.0.1:4711", "127.0.0.1:4711"]).status == 400)
        #expect(answer { $0.hasBody = true }.status == 400)
    }

    /// Only what a browser neither runs nor shows as a page has a type.
    @Test func `Pages are served as data, and other sites may neither read nor embed anything`() {
        let page = answer("GET", "/000102030405060708090a0b0c0d0e0f/4/page.html")
        #expect(page["Content-Type"] == "application/octet-stream")
        for answer in [page, answer(), answer("PUT"), answer("GET", "/"), answer(host: ["attacker.example"])] {
            #expect(answer["X-Content-Type-Options"] == "nosniff")
            #expect(answer["Cross-Origin-Resource-Policy"] == "same-origin")
            #expect(answer["Referrer-Policy"] == "no-referrer")
            #expect(answer["Cache-Control"] == "no-store")
            #expect(answer["Access-Control-Allow-Origin"] == nil)
        }
    }

    @Test func `A type follows the last ending, in any case`() {
        #expect(MediaType.of("a/b.MKV") == "video/x-matroska")
        #expect(MediaType.of("a.mp4/b") == MediaType.unknown)
        #expect(MediaType.of("a.svg") == MediaType.unknown && MediaType.of("a.js") == MediaType.unknown)
        #expect(MediaType.of("") == MediaType.unknown && MediaType.of("a.") == MediaType.unknown)
        #expect(MediaType.isPlayable("song.opus") && !MediaType.isPlayable("cover.jpg"))
    }
}
