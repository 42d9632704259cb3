// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire
import Testing

@Suite struct HandshakeTests {
    private let infoHash = SHA1Digest(0..<20 as Range<UInt8>) ?? SHA1Digest()
    private let peerID = PeerID(SHA1Digest(100..<120 as Range<UInt8>) ?? SHA1Digest())

    private var encoded: ByteBuffer {
        var buffer = ByteBuffer()
        Handshake(capabilities: [.dht, .fast, .extended, .v2Upgrade], infoHash: infoHash, peerID: peerID)
            .encode(into: &buffer)
        return buffer
    }

    @Test func bytesAreThoseOfTheSpecification() {
        let expected =
            [0x13] + Array("BitTorrent protocol".utf8) + [0, 0, 0, 0, 0, 0x10, 0, 0x15] + Array(0..<20)
            + Array(100..<120)
        #expect(Array(encoded.readableBytesView) == expected)
        #expect(encoded.readableBytes == Handshake.byteCount)
    }

    @Test func preambleAndPeerIDMakeTheWhole() throws {
        let handshake = Handshake(capabilities: [.fast], infoHash: infoHash, peerID: peerID)
        var (whole, parts) = (ByteBuffer(), ByteBuffer())
        handshake.encode(into: &whole)
        handshake.preamble.encode(into: &parts)
        #expect(parts.readableBytes == Handshake.Preamble.byteCount)
        #expect(try Handshake.peekPreamble(in: parts) == handshake.preamble)
        handshake.encodePeerID(into: &parts)
        #expect(parts == whole)
    }

    @Test func infoHashIsKnownBeforeThePeerID() throws {
        for count in 0..<Handshake.byteCount {
            var part = try #require(encoded.getSlice(at: 0, length: count))
            let preamble = try Handshake.peekPreamble(in: part)
            #expect((preamble != nil) == (count >= 48), "\(count) bytes")
            if let preamble { #expect(preamble.infoHash == infoHash) }
            #expect(try Handshake.read(from: &part) == nil)
            #expect(part.readableBytes == count, "an incomplete handshake is not consumed")
        }
    }

    @Test func whatFollowsIsLeftForTheFramer() throws {
        var buffer = encoded
        buffer.writeBytes([1, 2, 3])
        let handshake = try #require(try Handshake.read(from: &buffer))
        #expect(handshake.peerID == peerID)
        #expect(handshake.infoHash == infoHash)
        #expect(handshake.capabilities == [.dht, .fast, .extended, .v2Upgrade])
        #expect(Array(buffer.readableBytesView) == [1, 2, 3])
    }

    @Test func unknownCapabilitiesAreKept() throws {
        var buffer = encoded
        buffer.setInteger(0x8000_0000_0000_0001 as UInt64, at: 20)
        let handshake = try #require(try Handshake.read(from: &buffer))
        #expect(handshake.capabilities.rawValue == 0x8000_0000_0000_0001)
        #expect(!handshake.capabilities.contains(.fast))
    }

    @Test(arguments: 0..<20) func anotherProtocolIsKnownByItsFirstWrongByte(offset: Int) throws {
        var buffer = try #require(encoded.getSlice(at: 0, length: offset + 1))
        buffer.setInteger(0xff as UInt8, at: offset)
        let error = #expect(throws: PeerProtocolError.self) { try Handshake.peekPreamble(in: buffer) }
        #expect(error?.code == .notBitTorrent)
        #expect(error?.offset == offset)
        #expect(error?.found == "255")
    }
}
