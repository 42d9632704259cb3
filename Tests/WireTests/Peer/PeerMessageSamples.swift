// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire

/// One message of each kind with its bytes, written by hand from BEP 3, 5, 6, 10 and 52.
enum PeerMessageSamples {
    static let block = BlockRequest(piece: PieceIndex(0x0102_0304 as UInt32), offset: 0x4000, length: 0x4000)
    static let blockBytes: [UInt8] = [1, 2, 3, 4, 0, 0, 0x40, 0, 0, 0, 0x40, 0]
    static let hashRequest = HashRequest(
        root: SHA256Digest(0..<32 as Range<UInt8>) ?? SHA256Digest(),
        baseLayer: 1,
        index: 512,
        length: 256,
        proofLayers: 9
    )
    static let hashRequestBytes: [UInt8] =
        Array(0..<32) + [0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 9]

    static let all: [(message: PeerMessage, bytes: [UInt8])] = [
        (.keepAlive, [0, 0, 0, 0]),
        (.choke, [0, 0, 0, 1, 0]),
        (.unchoke, [0, 0, 0, 1, 1]),
        (.interested, [0, 0, 0, 1, 2]),
        (.notInterested, [0, 0, 0, 1, 3]),
        (.have(PieceIndex(0xdead_beef as UInt32)), [0, 0, 0, 5, 4, 0xde, 0xad, 0xbe, 0xef]),
        (.bitfield(ByteBuffer(bytes: [0xf0, 0x80])), [0, 0, 0, 3, 5, 0xf0, 0x80]),
        (.request(block), [0, 0, 0, 13, 6] + blockBytes),
        (.cancel(block), [0, 0, 0, 13, 8] + blockBytes),
        (.port(6881), [0, 0, 0, 3, 9, 0x1a, 0xe1]),
        (.suggest(PieceIndex(7)), [0, 0, 0, 5, 13, 0, 0, 0, 7]),
        (.haveAll, [0, 0, 0, 1, 14]),
        (.haveNone, [0, 0, 0, 1, 15]),
        (.reject(block), [0, 0, 0, 13, 16] + blockBytes),
        (.allowedFast(PieceIndex(8)), [0, 0, 0, 5, 17, 0, 0, 0, 8]),
        (.extended(id: 3, payload: ByteBuffer(string: "de")), [0, 0, 0, 4, 20, 3, 0x64, 0x65]),
        (.extended(id: 3, payload: ByteBuffer()), [0, 0, 0, 2, 20, 3]),
        (.hashRequest(hashRequest), [0, 0, 0, 49, 21] + hashRequestBytes),
        (
            .hashes(hashRequest, ByteBuffer(repeating: 0xaa, count: 64)),
            [0, 0, 0, 113, 22] + hashRequestBytes + Array(repeating: 0xaa, count: 64)
        ),
        (.hashReject(hashRequest), [0, 0, 0, 49, 23] + hashRequestBytes),
    ]
}

/// The output of a framer, with the payload of each block gathered, so that differently split streams compare equal.
struct FramedStream: Equatable {
    enum Event: Equatable {
        case message(PeerMessage)
        case block(BlockRequest, payload: [UInt8])
    }
    var events: [Event] = []
    private var openBlock: BlockRequest?
    private var payload: [UInt8] = []

    /// Feeds `chunks` to `framer` one at a time.
    init(_ chunks: [[UInt8]], through framer: inout MessageFramer) throws(PeerProtocolError) {
        for chunk in chunks {
            var input = ByteBuffer(bytes: chunk)
            while let output = try framer.next(from: &input) { take(output, from: &input) }
            precondition(input.readableBytes == 0, "the framer returned nil but left bytes unread")
        }
    }

    private mutating func take(_ output: MessageFramer.Output, from input: inout ByteBuffer) {
        switch output {
        case .message(let message): events.append(.message(message))
        case .block(let block):
            precondition(openBlock == nil, "a block within a block")
            openBlock = block
        case .payload(let count, let isLast):
            payload += input.readBytes(length: count) ?? []
            guard isLast, let block = openBlock else { return }
            events.append(.block(block, payload: payload))
            openBlock = nil
            payload = []
        }
    }
}
