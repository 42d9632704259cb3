// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import RucheCrypto
import RucheWire
import Testing

@Suite struct UDPTrackerTests {
    private static let connection: UInt64 = 0x0102_0304_0506_0708
    private static let transaction: UInt32 = 0xaabb_ccdd
    private static let announce = UDPTrackerRequest.announce(
        AnnounceSamples.request,
        connectionID: connection,
        path: ""
    )

    private func encode(_ request: UDPTrackerRequest) -> [UInt8] {
        var out = ByteBuffer()
        request.encode(transactionID: Self.transaction, into: &out)
        return Array(out.readableBytesView)
    }

    private func parse(
        _ bytes: [UInt8],
        _ request: UDPTrackerRequest,
        _ form: CompactForm = .v4,
        limits: TrackerMessageLimits = .init()
    ) throws -> UDPTrackerResponse {
        try UDPTrackerResponse(
            parsing: ByteBuffer(bytes: bytes),
            answering: request,
            transactionID: Self.transaction,
            form: form,
            limits: limits
        )
    }

    // MARK: Requests

    @Test func connectHasTheMagicNumber() {
        #expect(encode(.connect) == [0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80, 0, 0, 0, 0, 0xaa, 0xbb, 0xcc, 0xdd])
    }

    @Test func announceHasItsFields() {
        let bytes = encode(Self.announce)
        let head: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1, 0xaa, 0xbb, 0xcc, 0xdd]
        let counts: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1]
        let tail: [UInt8] = [0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0xbe, 0xef, 0, 0, 0, 80, 0x1a, 0xe1]
        let names = AnnounceSamples.infoHash.bytes + AnnounceSamples.peerID.bytes.bytes
        #expect(bytes == head + names + counts + tail)
        #expect(bytes.count == 98)
    }

    @Test func announceDefaultsAreThoseOfTheSpecification() {
        var request = AnnounceSamples.request
        request.wantedPeerCount = nil
        request.address = IPAddress(v6High: 1, low: 1)
        let bytes = encode(.announce(request, connectionID: 0, path: ""))
        #expect(bytes[84..<88].elementsEqual([0, 0, 0, 0]), "no room for IPv6")
        #expect(bytes[92..<96].elementsEqual([0xff, 0xff, 0xff, 0xff]), "num_want -1")
        request.address = IPAddress(v4: 0x0102_0304)
        #expect(encode(.announce(request, connectionID: 0, path: ""))[84..<88].elementsEqual([1, 2, 3, 4]))
    }

    @Test func thePathIsSentInOptions() {
        let short = encode(.announce(AnnounceSamples.request, connectionID: 0, path: "/dir?a=b&c=d"))
        #expect(short[98...].elementsEqual([2, 12] + Array("/dir?a=b&c=d".utf8)))
        let long = String(repeating: "x", count: 300)
        let bytes = encode(.announce(AnnounceSamples.request, connectionID: 0, path: long))
        let expected = [2, 255] + Array(long.utf8.prefix(255)) + [2, 45] + Array(long.utf8.suffix(45))
        #expect(bytes[98...].elementsEqual(expected))
    }

    @Test func scrapeListsInfoHashes() {
        let bytes = encode(.scrape([AnnounceSamples.infoHash, SHA1Digest()], connectionID: Self.connection))
        #expect(bytes[8..<12].elementsEqual([0, 0, 0, 2]))
        #expect(bytes[16...].elementsEqual(AnnounceSamples.infoHash.bytes + Array(repeating: 0, count: 20)))
    }

    // MARK: Responses

    private static let head: [UInt8] = [0xaa, 0xbb, 0xcc, 0xdd]
    private static let announceResponse: [UInt8] =
        [0, 0, 0, 1] + head + [0, 0, 7, 8, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 0x1a, 0xe1, 5, 6, 7, 8, 0, 80]

    @Test func connectionIDIsRead() throws {
        let bytes = [0, 0, 0, 0] + Self.head + [1, 2, 3, 4, 5, 6, 7, 8]
        #expect(try parse(bytes, .connect) == .connect(connectionID: Self.connection))
        #expect(UDPTrackerResponse.transactionID(of: ByteBuffer(bytes: bytes)) == Self.transaction)
        #expect(UDPTrackerResponse.transactionID(of: ByteBuffer(bytes: bytes.prefix(7))) == nil)
    }

    @Test func announceResponseIsReadInEitherForm() throws {
        guard case .announce(let response) = try parse(Self.announceResponse, Self.announce) else {
            Issue.record("no announce response")
            return
        }
        #expect(response.intervalSeconds == 1800)
        #expect(response.leecherCount == 2)
        #expect(response.seedCount == 3)
        #expect(
            response.peers == [
                PeerEndpoint(address: IPAddress(v4: 0x0102_0304), port: 6881),
                PeerEndpoint(address: IPAddress(v4: 0x0506_0708), port: 80),
            ]
        )
        let v6 = PeerEndpoint(address: IPAddress(v6High: 0x2001 << 48, low: 7), port: 99)
        let bytes = Self.announceResponse.prefix(20) + v6.compactBytes + [1, 2, 3]
        guard case .announce(let response) = try parse(Array(bytes), Self.announce, .v6) else {
            Issue.record("no announce response over IPv6")
            return
        }
        #expect(response.peers == [v6], "three trailing bytes are not an address")
    }

    @Test(.enabled(if: ConformanceFolder.isHere, ConformanceFolder.isMissing))
    func aCapturedAnnounceResponseIsRead() throws {
        let folder = try ConformanceFolder.subfolder("captures")
        let bytes = try Data(contentsOf: folder.appendingPathComponent("udp_tracker_announce_response.bin"))
        let datagram = ByteBuffer(bytes: bytes)
        let transaction = try #require(UDPTrackerResponse.transactionID(of: datagram))
        #expect(transaction == 0xe594_dd14)
        let parsed = try UDPTrackerResponse(
            parsing: datagram,
            answering: Self.announce,
            transactionID: transaction,
            form: .v4
        )
        guard case .announce(let response) = parsed else {
            Issue.record("no announce response")
            return
        }
        #expect(response.intervalSeconds == 1652)
        #expect(response.leecherCount == 257)
        #expect(response.seedCount == 3341)
        #expect(response.peers.count == 200)
        #expect(response.peers.first == PeerEndpoint(address: IPAddress(v4: 0x2e00_3f69), port: 0x1ae1))
        #expect(response.peers.compactBytes(.v4).elementsEqual(bytes.dropFirst(20)))
    }

    @Test func scrapeResponseIsReadInOrder() throws {
        let request = UDPTrackerRequest.scrape([AnnounceSamples.infoHash, SHA1Digest()], connectionID: 1)
        let bytes =
            [0, 0, 0, 2] + Self.head + [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3] + [0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6]
        let expected = ScrapeResponse(swarms: [
            AnnounceSamples.infoHash: .init(seedCount: 1, leecherCount: 3, downloadCount: 2),
            SHA1Digest(): .init(seedCount: 4, leecherCount: 6, downloadCount: 5),
        ])
        #expect(try parse(bytes, request) == .scrape(expected))
        #expect(throws: TrackerMessageError.self) { try parse(Array(bytes.dropLast()), request) }
    }

    @Test func errorsCarryTheTrackersWords() {
        let bytes = [0, 0, 0, 3] + Self.head + Array("go away".utf8)
        for request in [.connect, Self.announce, .scrape([], connectionID: 0)] {
            let error = #expect(throws: TrackerMessageError.self) { try parse(bytes, request) }
            #expect(error?.code == .refused)
            #expect(error?.found == "go away")
        }
    }

    @Test func answersToOthersAreNotTaken() {
        var other = Self.announceResponse
        other[4] ^= 1
        let strangers = #expect(throws: TrackerMessageError.self) { try parse(other, Self.announce) }
        #expect(strangers?.code == .mismatched)
        let connect = #expect(throws: TrackerMessageError.self) { try parse(Self.announceResponse, .connect) }
        #expect(connect?.code == .mismatched)
    }

    @Test func everyShortDatagramIsMalformed() {
        for count in 0..<20 {
            let error = #expect(throws: TrackerMessageError.self) {
                try parse(Array(Self.announceResponse.prefix(count)), Self.announce)
            }
            #expect(error?.code == .malformed, "\(count) bytes")
        }
    }

    @Test func peersAreBounded() throws {
        var limits = TrackerMessageLimits()
        limits.peerCount = 1
        guard case .announce(let response) = try parse(Self.announceResponse, Self.announce, limits: limits) else {
            Issue.record("no announce response")
            return
        }
        #expect(response.peers.count == 1)
    }

    @Test func mutatedDatagramsNeverCrash() {
        forEachMutation { seed, random in
            let bytes = random.mutating(Self.announceResponse)
            var isTaken = false
            for request in [.connect, Self.announce, .scrape([SHA1Digest()], connectionID: 0)] {
                for form in [CompactForm.v4, .v6] {
                    guard case .announce(let response) = try? parse(bytes, request, form) else { continue }
                    isTaken = true
                    #expect(response.intervalSeconds <= TrackerMessageLimits().intervalSeconds, "seed \(seed)")
                }
            }
            return isTaken
        }
    }
}
