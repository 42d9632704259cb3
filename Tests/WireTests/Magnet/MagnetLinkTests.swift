// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@Suite struct MagnetLinkTests {
    private static let v1 = "c9e15763f722f23e98a29decdfae341b98d53056"
    private static let v2 = "caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e"

    @Test func readsTheLinkOfBEP9() throws {
        let link = try MagnetLink(parsing: "magnet:?xt=urn:btih:\(Self.v1)&dn=a+b%20c&tr=http%3A%2F%2Ft%2Fa&x.pe=h:1")
        #expect(link.hashes.v1?.description == Self.v1)
        #expect(link.hashes.v2 == nil)
        #expect(link.displayName == "a b c")
        #expect(link.trackers == ["http://t/a"])
        #expect(link.peers == [.init(host: "h", port: 1)])
        #expect(link.selectedFiles == nil)
    }

    @Test func readsBase32AndAnyCase() throws {
        let link = try MagnetLink(parsing: "MAGNET:?XT=URN:BTIH:ZHQVOY7XELZD5GFCTXWN7LRUDOMNKMCW")
        #expect(link.hashes.v1?.description == Self.v1)
        let lower = try MagnetLink(parsing: "magnet:?xt=urn:btih:zhqvoy7xelzd5gfctxwn7lrudomnkmcw")
        #expect(lower == link)
        #expect(try MagnetLink(parsing: "magnet:?xt.1=urn:btih:\(Self.v1.uppercased())") == link)
        #expect(try MagnetLink(parsing: "magnet:?xt=urn%3Abtih%3A\(Self.v1)") == link)
    }

    @Test func readsHybrids() throws {
        let link = try MagnetLink(parsing: "magnet:?xt=urn:btmh:1220\(Self.v2)&xt=urn:btih:\(Self.v1)&xt=urn:ed2k:x")
        #expect(link.hashes.v1?.description == Self.v1)
        #expect(link.hashes.v2?.description == Self.v2)
        let onlyV2 = try MagnetLink(parsing: "magnet:?xt=urn:btmh:1220\(Self.v2)")
        #expect(onlyV2.hashes.v1 == nil)
    }

    @Test func readsManyTrackersSeedsAndPeers() throws {
        let link = try parse(
            "tr.1=udp://a&tr.2=udp://b&tr=udp://a&tr=&ws=http%3a//w/&x.pe=1.2.3.4:5&x.pe=[2001:db8::1]:80&x.pe=bad"
        )
        #expect(link.trackers == ["udp://a", "udp://b"])
        #expect(link.webSeeds == ["http://w/"])
        #expect(link.peers.map(\.description) == ["1.2.3.4:5", "[2001:db8::1]:80"])
        #expect(link.peers.map { $0.endpoint != nil } == [true, true])
    }

    @Test func tellsURLsApartByTheirBytes() throws {
        let link = try parse(
            "tr=http://%c3%a9/a&tr=http://e%cc%81/a&tr=http://%c3%a9/a&ws=http://w/%c3%a9&ws=http://w/e%cc%81"
        )
        #expect(
            link.trackers.map { Array($0.utf8) } == ["http://\u{e9}/a", "http://e\u{301}/a"].map { Array($0.utf8) }
        )
        #expect(link.webSeeds.count == 2)
    }

    @Test(arguments: [
        "x.pe=host", "x.pe=host:0", "x.pe=host:65536", "x.pe=:1", "x.pe=2001:db8::1:80", "x.pe=[host]:1", "x.pe=[]:1",
        "x.pe=h%20h:1", "x.pe=h:1:", "x.pe=h:+1",
    ])
    func leavesOutPeersThatCannotBe(parameter: String) throws {
        #expect(try parse(parameter).peers.isEmpty)
    }

    @Test(
        arguments: [
            ("0,2,4,6-8", [0...0, 2...2, 4...4, 6...8]), ("5,1-3,2-4", [1...5]), ("1,3,2", [1...3]), ("7", [7...7]),
            ("0,", [0...0]), ("1,,3", [1...1, 3...3]), ("x,2", [2...2]), ("4,0-999999999", [4...4]),
        ] as [(String, [ClosedRange<Int>])]
    )
    func readsSelections(text: String, ranges: [ClosedRange<Int>]) throws {
        #expect(try parse("so=\(text)").selectedFiles == ranges)
    }

    @Test(arguments: ["", "a", "1-", "-1", "3-1", ",", "1-2-3", "0-999999999", "99999999999999999999", "1 "])
    func leavesOutSelectionsThatCannotBe(text: String) throws {
        #expect(try parse("so=\(text)").selectedFiles == nil)
    }

    @Test(arguments: [
        ("http://x", MagnetError.Code.notMagnet, 0),
        ("", .notMagnet, 0),
        ("magnet:?dn=x", .noHash, 0),
        ("magnet:?xt=urn:sha1:abc", .noHash, 0),
        ("magnet:?dn=x&xt=urn:btih:abc", .badHash, 13),
        ("magnet:?xt=urn:btih:zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", .badHash, 8),
        ("magnet:?xt=urn:btih:11111111111111111111111111111111", .badHash, 8),
        ("magnet:?xt=urn:btmh:1120\(v2)", .badHash, 8),
        ("magnet:?xt=urn:btmh:1220\(v1)", .badHash, 8),
        ("magnet:?xt=urn:btih:\(v1)&xt=urn:btih:\(v1.replacing("c9", with: "ca"))", .conflict, 61),
    ])
    func refuses(text: String, code: MagnetError.Code, offset: Int) {
        let error = #expect(throws: MagnetError.self) { try MagnetLink(parsing: text) }
        #expect(error?.code == code)
        #expect(error?.offset == offset)
    }

    @Test func boundsWhatItTakes() throws {
        let many = (0..<3_000).map { "tr=udp://\($0)" }.joined(separator: "&")
        #expect(try parse(many).trackers.count == WireLimits.standard.metainfoSourceCount)
        let long = String(repeating: "x", count: WireLimits.standard.magnetByteCount)
        let error = #expect(throws: MagnetError.self) { try parse("dn=" + long) }
        #expect(error?.code == .limit)
    }

    @Test func writesWhatItReads() throws {
        let hashes = try #require(
            InfoHashes(
                v1: Hex.decode(Self.v1).flatMap { SHA1Digest($0) },
                v2: Hex.decode(Self.v2).flatMap { SHA256Digest($0) }
            )
        )
        let link = MagnetLink(
            hashes: hashes,
            displayName: "a b&c=d/é%",
            trackers: ["http://t/a?x=1&y=2", "udp://b"],
            webSeeds: ["http://w/ü"],
            peers: [.init(host: "2001:db8::1", port: 80), .init(host: "name", port: 6881)],
            selectedFiles: [0...0, 4...9]
        )
        let text = link.description
        #expect(
            text.hasPrefix("magnet:?xt=urn:btih:\(Self.v1)&xt=urn:btmh:1220\(Self.v2)&dn=a%20b%26c%3dd%2f%c3%a9%25&tr=")
        )
        #expect(text.hasSuffix("&x.pe=[2001:db8::1]:80&x.pe=name:6881&so=0,4-9"))
        #expect(try MagnetLink(parsing: text) == link)
    }

    @Test func mutatedLinksNeverTrapAndWhatReadsWritesBack() {
        let valid = Array(
            "magnet:?xt=urn:btih:\(Self.v1)&xt=urn:btmh:1220\(Self.v2)&dn=a%20b&tr=udp://t&x.pe=[::1]:80&so=1-3,9".utf8
        )
        var random = SeededRandom(seed: 5)
        var accepted = 0
        for round in 0..<5_000 {
            let text = String(decoding: random.mutating(valid), as: UTF8.self)
            guard let link = try? MagnetLink(parsing: text) else { continue }
            accepted += 1
            #expect((try? MagnetLink(parsing: link.description)) == link, "round \(round): \(text)")
        }
        #expect(accepted > 100)
    }

    private func parse(_ parameters: String) throws(MagnetError) -> MagnetLink {
        try MagnetLink(parsing: "magnet:?xt=urn:btih:\(Self.v1)&\(parameters)")
    }
}
