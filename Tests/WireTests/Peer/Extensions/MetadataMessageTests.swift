// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheWire
import Testing

@Suite struct MetadataMessageTests {
    private func parse(_ text: String) throws -> MetadataMessage {
        try MetadataMessage(parsing: ByteBuffer(string: text))
    }

    @Test func bytesAreThoseOfTheSpecification() throws {
        let payload = ByteBuffer(repeating: 0x78, count: 3425)
        for (message, text) in [
            (.request(piece: 0), "d8:msg_typei0e5:piecei0ee"),
            (
                .data(piece: 0, totalByteCount: 3425, payload: payload),
                "d8:msg_typei1e5:piecei0e10:total_sizei3425ee" + String(repeating: "x", count: 3425)
            ),
            (.reject(piece: 7), "d8:msg_typei2e5:piecei7ee"),
            (.unknown(kind: 9), "d8:msg_typei9ee"),
        ] as [(MetadataMessage, String)] {
            #expect(message.encoded() == ByteBuffer(string: text))
            #expect(try parse(text) == message)
        }
    }

    @Test func payloadMustBeThePieceItClaims() throws {
        let total = 16384 * 2 + 10
        for (piece, right) in [(0, 16384), (1, 16384), (2, 10)] {
            for count in [right - 1, right, right + 1] {
                let payload = ByteBuffer(repeating: 0, count: count)
                let message = MetadataMessage.data(piece: piece, totalByteCount: total, payload: payload)
                if count == right {
                    #expect(try MetadataMessage(parsing: message.encoded()) == message)
                } else {
                    #expect(throws: PeerProtocolError.self) { try MetadataMessage(parsing: message.encoded()) }
                }
            }
        }
        for count in [0, 16385] {
            let payload = ByteBuffer(repeating: 0, count: count)
            let message = MetadataMessage.data(piece: 0, totalByteCount: nil, payload: payload)
            #expect(throws: PeerProtocolError.self) { try MetadataMessage(parsing: message.encoded()) }
        }
        let beyond = MetadataMessage.data(piece: 3, totalByteCount: total, payload: ByteBuffer())
        #expect(throws: PeerProtocolError.self) { try MetadataMessage(parsing: beyond.encoded()) }
    }

    @Test(arguments: [
        "de", "d8:msg_type1:ae", "d8:msg_typei-1ee", "d8:msg_typei0ee", "d8:msg_typei0e5:piecei-1ee",
        "d8:msg_typei0e5:piecei2048ee", "d8:msg_typei1e5:piecei0e10:total_sizei0eex",
        "d8:msg_typei1e5:piecei0e10:total_sizei999999999eex", "d8:msg_typei0e5:piecei99999999999999999999ee",
    ])
    func badFieldsAreErrors(text: String) {
        #expect(throws: PeerProtocolError.self) { try parse(text) }
    }

    @Test func pieceLengthsDoNotOverflow() {
        #expect(MetadataMessage.byteCount(ofPiece: .max, totalByteCount: 100) == 0)
        #expect(MetadataMessage.byteCount(ofPiece: -1, totalByteCount: 100) == 0)
        #expect(MetadataMessage.byteCount(ofPiece: 0, totalByteCount: 100) == 100)
    }

    @Test func mutatedMessagesNeverCrash() {
        let valid = Array("d8:msg_typei1e5:piecei0e10:total_sizei12eeabcdefghijkl".utf8)
        forEachMutation { seed, random in
            let bytes = ByteBuffer(bytes: random.mutating(valid))
            guard let parsed = try? MetadataMessage(parsing: bytes) else { return false }
            #expect((try? MetadataMessage(parsing: parsed.encoded())) == parsed, "seed \(seed)")
            return true
        }
    }
}
