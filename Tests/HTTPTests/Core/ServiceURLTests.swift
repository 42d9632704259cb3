// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheHTTP

@Suite struct ServiceURLTests {
    @Test(
        arguments: [
            ("http://tracker.test/announce", .http, "tracker.test", 80, "/announce"),
            ("HTTPS://Tracker.Test:8443/x/announce?key=1#part", .https, "tracker.test", 8443, "/x/announce?key=1"),
            ("udp://[2001:db8::1]:6969", .udp, "2001:db8::1", 6969, ""),
            ("https://[::1]/announce", .https, "::1", 443, "/announce"), ("http://h?a=b", .http, "h", 80, "?a=b"),
            ("udp://192.0.2.1:1/a@b:c", .udp, "192.0.2.1", 1, "/a@b:c"), ("http://user:word@h/a", .http, "h", 80, "/a"),
            ("http://u@x:1@h:/a", .http, "h", 80, "/a"),
            ("  http://h/a b\u{e9}?c d  ", .http, "h", 80, "/a%20b%C3%A9?c%20d"),
            ("http:\\\\h\\a?b\\c", .http, "h", 80, "/a?b\\c"),
            ("http://[::ffff:192.0.2.1]/", .http, "::ffff:192.0.2.1", 80, "/"),
            ("http://h#/a", .http, "h", 80, ""),
        ] as [(String, ServiceURL.Scheme, String, UInt16, String)]
    )
    func partsAreRead(text: String, scheme: ServiceURL.Scheme, host: String, port: UInt16, path: String) throws {
        let url = try ServiceURL(text)
        #expect(url.scheme == scheme)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.target == path)
    }

    @Test(arguments: [
        "", "://", "http://", "http:///announce", "wss://h/announce", "file:///etc/passwd", "udp://h/announce",
        "http://user:word@/announce", "http://h:0/", "http://h:65536/", "http://::1/announce", "http://[h]/announce",
        "http://h\u{e9}/announce", "http:h/a", "http://h/\r\nX: y", "http://h/\u{7f}", "http://[::1]x:80/",
        "http://h%41/",
        "udp://:80/",
        "http://[192.0.2.1]/announce",
    ])
    func otherTextIsUnfit(text: String) {
        #expect(throws: HTTPError.self) { try ServiceURL(text) }
    }

    @Test(arguments: [
        "http:user:secret@h/a", "gopher://user:secret@h/a", "http://user:secret@/a", "http://user:secret@h/\u{7f}",
    ])
    func failuresKeepPasswordsToThemselves(text: String) throws {
        let failure = try #require(throws: HTTPError.self) { try ServiceURL(text) }
        #expect(!failure.description.contains("secret"))
    }

    @Test func mutationsNeverTrap() throws {
        let valid = ["http://tracker.test:80/announce?a#b", "udp://[2001:db8::1]:6969/x", "https://127.0.0.1/announce"]
        var accepted = 0
        for seed in 0..<6000 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var bytes = Array((valid.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                bytes[index] = Bool.random(using: &random) ? 0x3a : UInt8(truncatingIfNeeded: random.next())
                if Bool.random(using: &random), bytes.count > 2 { bytes.remove(at: index) }
            }
            guard let url = try? ServiceURL(String(decoding: bytes, as: UTF8.self)) else { continue }
            let host = url.host.contains(":") ? "[\(url.host)]" : url.host
            let again = try ServiceURL("\(url.scheme.rawValue)://\(host):\(url.port)\(url.target)")
            #expect(again.host == url.host && again.port == url.port && again.target == url.target, "seed \(seed)")
            accepted += 1
        }
        #expect((100..<6000).contains(accepted))
    }

    @Test func thisMachineIsAskedOnlyAtATrackersPath() throws {
        let loopback = [IPAddress(v4: 0x7f00_0001)]
        for path in ["/announce", "/announce?x=y", "/announce.php", "/scrape"] {
            #expect(throws: Never.self) { try HTTPPurpose.tracker.check(ServiceURL("http://h\(path)"), at: loopback) }
        }
        for path in ["", "/", "/api/v2/shutdown", "/x/announce", "/announce/../api", "/announce/%2e%2e/api"] {
            #expect(throws: HTTPError.self) {
                try HTTPPurpose.tracker.check(ServiceURL("http://h\(path)"), at: loopback)
            }
            #expect(throws: Never.self) {
                try HTTPPurpose.tracker.check(ServiceURL("http://h\(path)"), at: [IPAddress(v4: 1 << 25)])
            }
            #expect(throws: Never.self) { try HTTPPurpose.tracker.check(ServiceURL("udp://h:1\(path)"), at: loopback) }
        }
    }

    @Test(arguments: [
        "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.0.1", "169.254.0.1", "100.127.0.1", "::1", "fd00::1", "fe80::1",
    ])
    func redirectsDontLeadInward(inner: String) throws {
        let outer = try #require(IPAddress("203.0.113.5"))
        let inside = try #require(IPAddress(inner))
        let (from, to) = (try ServiceURL("http://a/announce"), try ServiceURL("http://b/announce"))
        let secure = try ServiceURL("https://a/announce")
        for purpose in [HTTPPurpose.tracker, .webSeed] {
            #expect(throws: HTTPError.self) {
                try purpose.checkRedirect(from: from, at: [outer], to: to, at: [inside])
            }
            #expect(throws: Never.self) {
                try purpose.checkRedirect(from: from, at: [inside], to: to, at: [inside])
            }
            #expect(throws: Never.self) {
                try purpose.checkRedirect(from: from, at: [inside], to: to, at: [outer])
            }
            #expect(throws: HTTPError.self) {
                try purpose.checkRedirect(from: secure, at: [outer], to: to, at: [outer])
            }
            #expect(throws: Never.self) {
                try purpose.checkRedirect(from: to, at: [outer], to: secure, at: [outer])
            }
        }
    }

    @Test func aWebSeedOfThisNetworkIsAskedForFilesOnly() throws {
        let (inside, outside) = ([IPAddress(v4: 0x0a00_0001)], [IPAddress(v4: 0x0800_0001)])
        #expect(throws: Never.self) { try HTTPPurpose.webSeed.check(ServiceURL("http://h/a/b.iso"), at: inside) }
        #expect(throws: HTTPError.self) { try HTTPPurpose.webSeed.check(ServiceURL("http://h/off?now"), at: inside) }
        #expect(throws: Never.self) { try HTTPPurpose.webSeed.check(ServiceURL("https://h/get?file"), at: outside) }
        #expect(throws: HTTPError.self) { try HTTPPurpose.webSeed.check(ServiceURL("udp://h:1/a"), at: outside) }
    }

    @Test(
        "References are resolved as in RFC 3986, section 5.4",
        arguments: [
            ("g", "/b/c/g"), ("./g", "/b/c/g"), ("g/", "/b/c/g/"), ("/g", "/g"), ("?y", "/b/c/d;p?y"),
            ("g?y", "/b/c/g?y"),
            ("#s", "/b/c/d;p?q"), ("g#s", "/b/c/g"), (";x", "/b/c/;x"), ("", "/b/c/d;p?q"), (".", "/b/c/"),
            ("./", "/b/c/"),
            ("..", "/b/"), ("../", "/b/"), ("../g", "/b/g"), ("../..", "/"), ("../../g", "/g"), ("../../../g", "/g"),
            ("/./g", "/g"), ("/../g", "/g"), ("g.", "/b/c/g."), ("..g", "/b/c/..g"), ("./g/.", "/b/c/g/"),
            ("g/../h", "/b/c/h"), ("g?y/../x", "/b/c/g?y/../x"),
        ]
    )
    func references(reference: String, target: String) throws {
        let found = try ServiceURL("http://a/b/c/d;p?q").resolving(reference)
        #expect(found.target == target && found.host == "a")
    }

    @Test func redirectsMayLeadElsewhere() throws {
        let origin = try ServiceURL("http://u:p@[::1]:8080/announce")
        #expect("\(try origin.resolving("/announce2?x"))" == "http://[::1]:8080/announce2?x")
        #expect(try origin.resolving("/announce2?x").credentials == "u:p")
        #expect(try origin.resolving("//h/x").host == "h" && origin.resolving("//h/x").credentials == nil)
        #expect("\(try origin.resolving("https://h/"))" == "https://h/")
        // Without an authority, the same scheme says nothing.
        #expect("\(try origin.resolving("http:/x?y"))" == "http://[::1]:8080/x?y")
        #expect("\(try origin.resolving("HTTP:x"))" == "http://[::1]:8080/x")
        #expect("\(try origin.resolving("http:http:x"))" == "http://[::1]:8080/http:x")
        let endless = String(repeating: "http:", count: 13_000)
        #expect(throws: HTTPError.self) { try origin.resolving(endless) }
        #expect(throws: HTTPError.self) { try origin.resolving("https:/x") }
        #expect("\(try ServiceURL("http://h").resolving("x"))" == "http://h/x")
        for location in ["file:///etc/passwd", "javascript:1", "/a\r\nX: y", "http://", "mailto:a@b"] {
            #expect(throws: HTTPError.self, "\(location)") { try origin.resolving(location) }
        }
    }

    @Test(
        "An address that a translator maps to a private one counts as private",
        arguments: [
            "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:c0a8:101::1",
        ]
    )
    func translatedAddresses(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.isPrivate)
        let isThisMachine = text.contains("7f00")
        let url = try ServiceURL("http://h/shutdown")
        #expect((try? HTTPPurpose.tracker.check(url, at: [address])) == nil || !isThisMachine)
    }
}
