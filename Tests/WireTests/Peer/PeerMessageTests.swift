// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheWire
import Testing

@Suite struct PeerMessageTests {
    @Test func everyMessageHasItsBytes() {
        #expect(PeerMessageSamples.all.count >= 20)
        for (message, bytes) in PeerMessageSamples.all {
            var out = ByteBuffer()
            message.encode(into: &out)
            #expect(Array(out.readableBytesView) == bytes, "\(message)")
        }
    }

    @Test func everyMessageIsReadBack() throws {
        #expect(PeerMessageSamples.all.count >= 20)
        for (message, bytes) in PeerMessageSamples.all {
            var framer = MessageFramer()
            let stream = try FramedStream([bytes], through: &framer)
            #expect(stream.events == [.message(message)])
        }
    }

    @Test func blockHeaderIsTheBeginningOfAPieceMessage() throws {
        var out = ByteBuffer()
        let block = BlockRequest(piece: PieceIndex(2), offset: 0x8000, length: 3)
        block.encodeBlockHeader(into: &out)
        #expect(Array(out.readableBytesView) == [0, 0, 0, 12, 7, 0, 0, 0, 2, 0, 0, 0x80, 0])
        #expect(out.readableBytes == BlockRequest.blockHeaderByteCount)
        var framer = MessageFramer()
        let stream = try FramedStream([Array(out.readableBytesView) + [7, 8, 9]], through: &framer)
        #expect(stream.events == [.block(block, payload: [7, 8, 9])])
    }

    @Test func hashRequestsAreJudgedInOnePlace() {
        var request = PeerMessageSamples.hashRequest
        #expect(request.isWellFormed)
        #expect(request.proofHashCount == 2, "of 9 layers, 7 follow from the 256 hashes")
        #expect(request.isAnswered(by: ByteBuffer(repeating: 0, count: 258 * 32)))
        #expect(request.isAnswered(by: ByteBuffer(repeating: 0, count: 256 * 32)))
        #expect(!request.isAnswered(by: ByteBuffer(repeating: 0, count: 259 * 32)))
        #expect(!request.isAnswered(by: ByteBuffer(repeating: 0, count: 255 * 32)))
        #expect(!request.isAnswered(by: ByteBuffer(repeating: 0, count: 256 * 32 + 1)))
        for (length, index) in [(0, 0), (1, 0), (3, 0), (1024, 0), (256, 128), (0x8000_0000, 0)] as [(UInt32, UInt32)] {
            request.length = length
            request.index = index
            #expect(!request.isWellFormed, "\(length) from \(index)")
            #expect(request.proofHashCount == 0)
        }
        request = PeerMessageSamples.hashRequest
        request.proofLayers = .max
        #expect(!request.isWellFormed)
    }
}
