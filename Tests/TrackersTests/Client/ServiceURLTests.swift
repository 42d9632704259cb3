// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheTrackers

@Suite struct ServiceURLTests {
    @Test(
        arguments: [
            ("http://tracker.test/announce", .http, "tracker.test", 80, "/announce"),
            ("HTTPS://Tracker.Test:8443/x/announce?key=1#part", .https, "tracker.test", 8443, "/x/announce?key=1"),
            ("udp://[2001:db8::1]:6969", .udp, "2001:db8::1", 6969, ""),
            ("https://[::1]/announce", .https, "::1", 443, "/announce"), ("http://h?a=b", .http, "h", 80, "?a=b"),
            ("udp://192.0.2.1:1/a@b:c", .udp, "192.0.2.1", 1, "/a@b:c"),
        ] as [(String, ServiceURL.Scheme, String, UInt16, String)]
    )
    func partsAreRead(text: String, scheme: ServiceURL.Scheme, host: String, port: UInt16, path: String) throws {
        let url = try ServiceURL(text)
        #expect(url.scheme == scheme)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.path == path)
    }

    @Test(arguments: [
        "", "://", "http://", "http:///announce", "wss://h/announce", "file:///etc/passwd", "udp://h/announce",
        "http://user:word@h/announce", "http://h:0/", "http://h:65536/", "http://::1/announce", "http://[h]/announce",
        "http://h\u{e9}/announce", "http://h/a b", "http://h/\r\nX: y", "http://[::1]x:80/", "http://h%41/",
        "udp://:80/",
        "http://[192.0.2.1]/announce",
    ])
    func otherTextIsUnfit(text: String) {
        #expect(throws: TrackerFailure.self) { try ServiceURL(text) }
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
            let again = try ServiceURL("\(url.scheme.rawValue)://\(host):\(url.port)\(url.path)")
            #expect(again.host == url.host && again.port == url.port && again.path == url.path, "seed \(seed)")
            accepted += 1
        }
        #expect((100..<6000).contains(accepted))
    }

    @Test func thisMachineIsAskedOnlyAtATrackersPath() throws {
        let loopback = [IPAddress(v4: 0x7f00_0001)]
        for path in ["/announce", "/announce?x=y", "/announce.php", "/scrape"] {
            #expect(throws: Never.self) { try ServiceURL("http://h\(path)").check(reaching: loopback) }
        }
        for path in ["", "/", "/api/v2/shutdown", "/x/announce", "/announce/../api", "/announce/%2e%2e/api"] {
            #expect(throws: TrackerFailure.self) { try ServiceURL("http://h\(path)").check(reaching: loopback) }
            #expect(throws: Never.self) { try ServiceURL("http://h\(path)").check(reaching: [IPAddress(v4: 1 << 25)]) }
            #expect(throws: Never.self) { try ServiceURL("udp://h:1\(path)").check(reaching: loopback) }
        }
    }

    @Test(arguments: [
        "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.0.1", "169.254.0.1", "100.127.0.1", "::1", "fd00::1", "fe80::1",
    ])
    func redirectsDontLeadInward(inner: String) throws {
        let outer = try #require(IPAddress("203.0.113.5"))
        let inside = try #require(IPAddress(inner))
        let (from, to) = (try ServiceURL("http://a/announce"), try ServiceURL("http://b/announce"))
        #expect(throws: TrackerFailure.self) { try to.checkRedirect(from: from, at: [outer], reaching: [inside]) }
        #expect(throws: Never.self) { try to.checkRedirect(from: from, at: [inside], reaching: [inside]) }
        #expect(throws: Never.self) { try to.checkRedirect(from: from, at: [inside], reaching: [outer]) }
        let secure = try ServiceURL("https://a/announce")
        #expect(throws: TrackerFailure.self) { try to.checkRedirect(from: secure, at: [outer], reaching: [outer]) }
        #expect(throws: Never.self) { try secure.checkRedirect(from: to, at: [outer], reaching: [outer]) }
    }

    @Test func aWebSeedOfThisNetworkIsAskedForFilesOnly() throws {
        let (inside, outside) = ([IPAddress(v4: 0x0a00_0001)], [IPAddress(v4: 0x0800_0001)])
        #expect(throws: Never.self) { try ServiceURL("http://h/a/b.iso").checkWebSeed(reaching: inside) }
        #expect(throws: TrackerFailure.self) { try ServiceURL("http://h/off?now").checkWebSeed(reaching: inside) }
        #expect(throws: Never.self) { try ServiceURL("https://h/get?file").checkWebSeed(reaching: outside) }
        #expect(throws: TrackerFailure.self) { try ServiceURL("udp://h:1/a").checkWebSeed(reaching: outside) }
    }

    @Test func redirectsMayBePaths() throws {
        let origin = try ServiceURL("http://[::1]:8080/announce")
        #expect(try origin.resolving(redirect: "/announce2?x").text == "http://[::1]:8080/announce2?x")
        #expect(try origin.resolving(redirect: "https://h/").text == "https://h/")
        #expect(throws: TrackerFailure.self) { try origin.resolving(redirect: "//h/") }
    }
}
