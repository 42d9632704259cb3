// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheWire
import Testing

@Suite struct SmallExtensionMessageTests {
    private static let v4 = PeerEndpoint(address: IPAddress(v4: 0x0102_0304), port: 0x1ae1)
    private static let v6 = PeerEndpoint(address: IPAddress(v6High: 0x2001_0db8_0000_0000, low: 1), port: 80)

    @Test func dontHaveIsAPieceNumber() throws {
        let message = DontHaveMessage(PieceIndex(0x0102_0304 as UInt32))
        #expect(message.encoded() == ByteBuffer(bytes: [1, 2, 3, 4]))
        #expect(try DontHaveMessage(parsing: message.encoded()) == message)
        for count in [0, 3, 5] {
            #expect(throws: PeerProtocolError.self) {
                try DontHaveMessage(parsing: ByteBuffer(repeating: 0, count: count))
            }
        }
    }

    @Test func uploadOnlyIsOneByte() throws {
        #expect(UploadOnlyMessage(true).encoded() == ByteBuffer(bytes: [1]))
        #expect(UploadOnlyMessage(false).encoded() == ByteBuffer(bytes: [0]))
        #expect(try UploadOnlyMessage(parsing: ByteBuffer(bytes: [2])).isUploadOnly)
        #expect(throws: PeerProtocolError.self) { try UploadOnlyMessage(parsing: ByteBuffer()) }
    }

    @Test func holepunchHasItsBytes() throws {
        let message = HolepunchMessage(.error(.notConnected), Self.v4)
        #expect(message.encoded() == ByteBuffer(bytes: [2, 0, 1, 2, 3, 4, 0x1a, 0xe1, 0, 0, 0, 2]))
        for kind in [.rendezvous, .connect, .error(.noSelf)] as [HolepunchMessage.Kind] {
            for endpoint in [Self.v4, Self.v6] {
                let message = HolepunchMessage(kind, endpoint)
                #expect(try HolepunchMessage(parsing: message.encoded()) == message)
            }
        }
    }

    @Test func holepunchIsCheckedAtEveryLength() throws {
        let whole = HolepunchMessage(.connect, Self.v6).encoded()
        for count in 0..<20 {
            let part = try #require(whole.getSlice(at: 0, length: count))
            #expect(throws: PeerProtocolError.self) { try HolepunchMessage(parsing: part) }
        }
        for (offset, value) in [(0, 3), (1, 2)] as [(Int, UInt8)] {
            var bad = whole
            bad.setInteger(value, at: offset)
            #expect(throws: PeerProtocolError.self) { try HolepunchMessage(parsing: bad) }
        }
    }
}
