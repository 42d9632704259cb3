// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire
import Testing

@testable import RucheTransport

struct UTPPacketTests {
    @Test func aHeaderIsWhatTheBEPSays() throws {
        var header = UTPHeader(
            .data,
            connectionID: 0x0102,
            sequence: UTPSequence(0x0304),
            acknowledged: UTPSequence(0x0506)
        )
        header.timestamp = 0x0708_090a
        header.timestampDifference = 0x0b0c_0d0e
        header.window = 0x0f10_1112
        var buffer = ByteBuffer()
        header.write(into: &buffer)
        #expect(
            Array(buffer: buffer) == [
                0x01, 0, 1, 2, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 3, 4, 5, 6,
            ]
        )
        #expect(try #require(parse(buffer)).header == header)
    }

    @Test(arguments: [
        [], [UInt8](repeating: 0x01, count: 19), [0x02] + [UInt8](repeating: 0, count: 19),
        [0x51] + [UInt8](repeating: 0, count: 19), Array("d1:ad2:id20:abcdefghij".utf8),
    ]) func whatIsNoPacketIsNotTaken(bytes: [UInt8]) {
        #expect(parse(ByteBuffer(bytes: bytes)) == nil)
    }

    @Test func extensionsAreSkippedByTheirLength() throws {
        let header: [UInt8] = [0x01, 9] + [UInt8](repeating: 0, count: 18)
        let packet = try #require(parse(ByteBuffer(bytes: header + [1, 2, 7, 7, 0, 4, 1, 2, 3, 4, 99])))
        #expect(packet.selectiveAck == 26..<30)
        #expect(packet.payload == 30..<31)
    }

    @Test(arguments: [[1], [0, 5, 1, 2, 3, 4], [1, 255] + [UInt8](repeating: 0, count: 100)] as [[UInt8]])
    func extensionsThatDoNotFitAreRefused(rest: [UInt8]) {
        let header: [UInt8] = [0x21, 1] + [UInt8](repeating: 0, count: 18)
        #expect(parse(ByteBuffer(bytes: header + rest)) == nil)
    }

    @Test func aChainWithoutEndIsRefused() {
        let header: [UInt8] = [0x21, 9] + [UInt8](repeating: 0, count: 18)
        let chain = (0..<20).flatMap { _ in [9, 0] as [UInt8] }
        #expect(parse(ByteBuffer(bytes: header + chain)) == nil)
    }

    @Test func sequenceNumbersWrap() {
        let last = UTPSequence(.max)
        #expect((last + 1).number == 0)
        #expect((last + 3).distance(from: last) == 3)
        #expect(last.distance(from: last + 3) == -3)
        #expect(UTPSequence(0x8000).distance(from: UTPSequence(0)) == -32_768)
        #expect((UTPSequence(5) - 10).number == 65_531)
    }

    @Test func anyBytesCanBeHandled() {
        var random = SeededRandom(seed: 7)
        var core = UTPConnection(dialling: 7, random: random.makeChild(), at: .zero)
        var sent = ByteBuffer()
        _ = core.nextDatagram(into: &sent, at: .zero)
        var parsedCount = 0
        for _ in 0..<50_000 {
            var bytes = (0..<Int.random(in: 0...120, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            if bytes.count > 20 {
                bytes.replaceSubrange(0..<2, with: [UInt8.random(in: 0...4, using: &random) << 4 | 1, bytes[1] & 1])
            }
            let datagram = ByteBuffer(bytes: bytes)
            parsedCount += parse(datagram) == nil ? 0 : 1
            datagram.withUnsafeReadableBytes { core.handle(RawSpan(_unsafeBytes: $0), at: .zero) }
        }
        #expect(parsedCount > 20_000)
        #expect(core.sending.packetCount >= 0)
    }

    private func parse(_ buffer: ByteBuffer) -> UTPPacket? {
        buffer.withUnsafeReadableBytes { UTPPacket(parsing: RawSpan(_unsafeBytes: $0)) }
    }
}
