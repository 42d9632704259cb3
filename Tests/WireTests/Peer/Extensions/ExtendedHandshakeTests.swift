// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import RucheWire
import Testing

@Suite struct ExtendedHandshakeTests {
    private func parse(_ text: String) throws -> ExtendedHandshake {
        try ExtendedHandshake(parsing: ByteBuffer(string: text))
    }

    private static let full: ExtendedHandshake = {
        var handshake = ExtendedHandshake()
        handshake.extensions = [ExtensionName.metadata: 3, ExtensionName.peerExchange: 1, ExtensionName.dontHave: 0]
        handshake.client = "Ruche"
        handshake.listenPort = 6881
        handshake.requestQueueDepth = 500
        handshake.yourAddress = IPAddress(v4: 0x7f00_0001)
        handshake.ipv4 = IPAddress(v4: 0x0102_0304)
        handshake.ipv6 = IPAddress(v6High: 0x2001_0db8_0000_0000, low: 1)
        handshake.metadataByteCount = 31235
        handshake.isUploadOnly = true
        handshake.completeAgoSeconds = -1
        handshake.prefersEncryption = false
        return handshake
    }()

    @Test func everyFieldHasItsBytes() {
        let ipv6 = [0x20, 0x01, 0x0d, 0xb8] + Array(repeating: 0, count: 11) + [1] as [UInt8]
        let expected =
            Array("d12:complete_agoi-1e1:ei0e4:ipv44:\u{1}\u{2}\u{3}\u{4}4:ipv616:".utf8) + ipv6
            + Array("1:md11:lt_donthavei0e11:ut_metadatai3e6:ut_pexi1ee13:metadata_sizei31235e".utf8)
            + Array("1:pi6881e4:reqqi500e11:upload_onlyi1e1:v5:Ruche6:yourip4:\u{7f}\0\0\u{1}e".utf8)
        #expect(Array(Self.full.encoded().readableBytesView) == expected)
    }

    @Test func whatWasWrittenIsReadBack() throws {
        #expect(try ExtendedHandshake(parsing: Self.full.encoded()) == Self.full)
        #expect(try ExtendedHandshake(parsing: ExtendedHandshake().encoded()) == ExtendedHandshake())
        #expect(try parse("de") == ExtendedHandshake())
    }

    @Test(.enabled(if: ConformanceFolder.isHere, ConformanceFolder.isMissing))
    func aCapturedHandshakeIsRead() throws {
        let folder = try ConformanceFolder.subfolder("captures")
        let bytes = Array(try Data(contentsOf: folder.appendingPathComponent("extended_handshake.bin")))
        var framer = MessageFramer()
        guard case .message(.extended(let id, let payload)) = try FramedStream([bytes], through: &framer).events.first
        else {
            Issue.record("no extended message")
            return
        }
        #expect(id == ExtendedHandshake.id)
        let handshake = try ExtendedHandshake(parsing: payload)
        #expect(handshake.client == "qBittorrent/4.4.0alpha1")
        #expect(
            handshake.extensions == [
                "lt_donthave": 7, "share_mode": 8, "upload_only": 3, "ut_holepunch": 4, "ut_metadata": 2, "ut_pex": 1,
            ]
        )
        #expect(handshake.metadataByteCount == 138_876)
        #expect(handshake.requestQueueDepth == 500)
        #expect(handshake.completeAgoSeconds == 22_934)
        #expect(handshake.isUploadOnly == true)
        #expect(handshake.yourAddress == IPAddress(v4: 0x7f00_0001))
        #expect(handshake.listenPort == nil)
        #expect(handshake.encoded() == payload)
    }

    @Test func fieldsOfAWrongTypeOrSizeCountAsMissing() throws {
        let handshake = try parse("d4:ipv43:abc1:mi5e13:metadata_sizei-1e1:pi65536e4:reqq3:abc6:yourip5:abcdee")
        #expect(handshake.extensions.isEmpty)
        #expect(handshake.ipv4 == nil)
        #expect(handshake.metadataByteCount == -1)
        #expect(handshake.listenPort == nil)
        #expect(handshake.requestQueueDepth == nil)
        #expect(handshake.yourAddress == nil)
        #expect(try parse("d13:metadata_sizei999999999999ee").metadataByteCount == 999_999_999_999)
        #expect(try parse("d1:md1:ai256e1:bi-1e1:ci7eee").extensions == ["c": 7])
    }

    @Test func extensionsAndNamesAreBounded() throws {
        var many = ExtendedHandshake()
        for number in 0..<100 { many.extensions["x\(number)"] = 1 }
        many.client = String(repeating: "c", count: 1000)
        let parsed = try ExtendedHandshake(parsing: many.encoded())
        #expect(parsed.extensions.count == PeerLimits().extensionCount)
        #expect(parsed.client?.count == PeerLimits().clientNameByteCount)
    }

    @Test(arguments: ["", "i1e", "le", "d", "d1:a", "4:spam", "dee"]) func whatIsNoDictionaryIsAnError(text: String) {
        let error = #expect(throws: PeerProtocolError.self) { try parse(text) }
        #expect(error?.code == .badEncoding)
    }

    @Test func mutatedHandshakesNeverCrash() {
        forEachMutation { seed, random in
            let bytes = random.mutating(Array(Self.full.encoded().readableBytesView))
            guard let parsed = try? ExtendedHandshake(parsing: ByteBuffer(bytes: bytes)) else { return false }
            #expect((try? ExtendedHandshake(parsing: parsed.encoded())) == parsed, "seed \(seed)")
            return true
        }
    }
}
