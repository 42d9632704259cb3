// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire
import Testing

@Suite struct HTTPTrackerAnswerTests {
    private func announce(_ text: String, limits: TrackerMessageLimits = .init()) throws -> AnnounceResponse {
        try AnnounceResponse(parsing: ByteBuffer(string: text), limits: limits)
    }

    private static let v4 = PeerEndpoint(address: IPAddress(v4: 0x6162_6364), port: 0x6566)
    private static let v6 = PeerEndpoint(
        address: IPAddress(v6High: 0x4142_4344_4546_4748, low: 0x494a_4b4c_4d4e_4f50),
        port: 0x5152
    )
    private static let full =
        "d8:completei5e10:downloadedi9e11:external ip4:abcd10:incompletei6e8:intervali1800e12:min intervali60e"
        + "5:peers12:abcdefabcdef6:peers618:ABCDEFGHIJKLMNOPQR10:tracker id3:xyz15:warning message4:slowe"

    @Test func everyFieldIsRead() throws {
        let response = try announce(Self.full)
        #expect(response.intervalSeconds == 1800)
        #expect(response.minimumIntervalSeconds == 60)
        #expect(response.seedCount == 5)
        #expect(response.leecherCount == 6)
        #expect(response.downloadCount == 9)
        #expect(response.externalAddress == IPAddress(v4: 0x6162_6364))
        #expect(response.warning == "slow")
        #expect(response.trackerID == Array("xyz".utf8))
        #expect(response.peers == [Self.v4, Self.v4, Self.v6])
    }

    @Test func peersMayBeDictionaries() throws {
        let list =
            "d2:ip12:97.98.99.1004:porti25958eed2:ip9:host.test4:porti1eed2:ip7:1.2.3.44:porti65536ee"
            + "d2:ip3:::14:porti80eei5e"
        let response = try announce("d8:intervali1e5:peersl\(list)ee")
        #expect(response.peers == [Self.v4, PeerEndpoint(address: IPAddress(v6High: 0, low: 1), port: 80)])
        #expect(response.namedPeers == [NamedEndpoint(host: "host.test", port: 1)])
    }

    @Test("Host names are names, few, and never addresses")
    func namedPeers() throws {
        let odd = [
            "d2:ip16:::ffff:192.0.2.14:porti7ee", "d2:ip5:[::1]4:porti8ee", "d2:ip3:a b4:porti1ee", "d2:ip0:4:porti1ee",
            "d2:ip1:h4:porti0ee", "d2:ip\(300):\(String(repeating: "a", count: 300))4:porti1ee",
        ]
        let response = try announce("d5:peersl\(odd.joined())ee")
        #expect(response.peers.map(\.description) == ["192.0.2.1:7", "[::1]:8"] && response.namedPeers.isEmpty)
        let many = (0..<90).map { "d2:ip3:h\($0 + 10)4:porti1ee" }.joined()
        #expect(try announce("d5:peersl\(many)ee").namedPeers.count == TrackerMessageLimits().namedPeerCount)
    }

    @Test func missingAndSenselessNumbersHaveDefaults() throws {
        let response = try announce("d8:completei-1e8:interval1:x12:min intervali-5ee")
        #expect(response == AnnounceResponse())
        #expect(try announce("d8:intervali999999999999ee").intervalSeconds == TrackerMessageLimits().intervalSeconds)
    }

    @Test func limitsHold() throws {
        var limits = TrackerMessageLimits()
        limits.peerCount = 2
        limits.textByteCount = 3
        limits.trackerIDByteCount = 2
        let response = try announce(Self.full, limits: limits)
        #expect(response.peers == [Self.v4, Self.v4])
        #expect(response.warning == "slo")
        #expect(response.trackerID == nil)
        limits.responseByteCount = 10
        #expect(throws: TrackerMessageError.self) { try announce(Self.full, limits: limits) }
    }

    @Test(
        arguments: [
            ("d14:failure reason4:nopee", nil), ("d14:failure reason4:nope8:retry in5:nevere", .never),
            ("d14:failure reason4:nope8:retry in1:5e", .after(minutes: 5)),
            ("d14:failure reason4:nope8:retry ini5ee", .after(minutes: 5)),
            ("d14:failure reason4:nope8:retry in2:-5e", nil), ("d14:failure_reason4:nopee", nil),
        ] as [(String, TrackerMessageError.Retry?)]
    )
    func refusalsGiveReasonAndAdvice(text: String, retry: TrackerMessageError.Retry?) {
        for error in [
            #expect(throws: TrackerMessageError.self) { try announce(text) },
            #expect(throws: TrackerMessageError.self) { try ScrapeResponse(parsing: ByteBuffer(string: text)) },
        ] {
            #expect(error?.code == .refused)
            #expect(error?.found == "nope")
            #expect(error?.retry == retry)
        }
    }

    @Test(arguments: [
        "", "<html>", "le", "i1e", "d5:peersi1ee", "d5:peers5:abcdee", "d6:peers67:abcdefge", "d5:peersdee",
    ])
    func otherBytesAreMalformed(text: String) {
        let error = #expect(throws: TrackerMessageError.self) { try announce(text) }
        #expect(error?.code == .malformed)
    }

    @Test func scrapesAreReadByInfoHash() throws {
        let text =
            "d5:filesd20:xxxxxxxxxxxxxxxxxxxxd8:completei11e10:downloadedi13772e10:incompletei19ee"
            + "3:badde20:yyyyyyyyyyyyyyyyyyyyd8:completei21eeee"
        let swarms = try ScrapeResponse(parsing: ByteBuffer(string: text)).swarms
        let x = try #require(SHA1Digest(Array(repeating: 0x78, count: 20)))
        let y = try #require(SHA1Digest(Array(repeating: 0x79, count: 20)))
        #expect(
            swarms == [
                x: .init(seedCount: 11, leecherCount: 19, downloadCount: 13772),
                y: .init(seedCount: 21, leecherCount: 0, downloadCount: 0),
            ]
        )
        var limits = TrackerMessageLimits()
        limits.scrapeCount = 1
        #expect(try ScrapeResponse(parsing: ByteBuffer(string: text), limits: limits).swarms.count == 1)
        #expect(throws: TrackerMessageError.self) { try ScrapeResponse(parsing: ByteBuffer(string: "de")) }
    }

    @Test func mutatedAnswersNeverCrash() {
        forEachMutation { seed, random in
            let body = ByteBuffer(bytes: random.mutating(Array(Self.full.utf8)))
            _ = try? ScrapeResponse(parsing: body)
            guard let response = try? AnnounceResponse(parsing: body) else { return false }
            #expect((0...TrackerMessageLimits().intervalSeconds).contains(response.intervalSeconds), "seed \(seed)")
            return true
        }
    }
}
