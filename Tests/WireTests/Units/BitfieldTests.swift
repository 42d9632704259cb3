// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@Suite("Bitfields that grow")
struct BitfieldTests {
    @Test("Growing keeps the pieces and adds absent ones", arguments: [0, 1, 63, 64, 65, 200])
    func growth(count: Int) {
        for added in [0, 1, 62, 63, 64, 65, 128] {
            var bits = Bitfield(count: count, allSet: true)
            bits.grow(to: count + added)
            var expected = Bitfield(count: count + added)
            for piece in 0..<count { expected.insert(PieceIndex(piece)) }
            #expect(bits == expected)
            bits.grow(to: count)
            #expect(bits == expected, "it never shrinks")
            #expect(bits.resized(to: count) == Bitfield(count: count, allSet: true))
            #expect(bits.resized(to: count + added + 70).setCount == count)
        }
    }

    @Test("Pieces beyond the end are cut off")
    func cut() {
        var bits = Bitfield(count: 130)
        for piece in [0, 63, 64, 99, 100, 129] { bits.insert(PieceIndex(piece)) }
        #expect(bits.resized(to: 100).indices.map(\.int) == [0, 63, 64, 99])
        #expect(bits.resized(to: 0) == Bitfield(count: 0))
    }

    @Test("A bitfield of growing content covers as many pieces as its bytes")
    func wire() {
        let bits = Bitfield(growingWire: [0b1000_0001, 0xff, 0b0000_0001])
        #expect(bits.count == 24 && bits.indices.map(\.int) == [0, 7, 8, 9, 10, 11, 12, 13, 14, 15, 23])
        #expect(Bitfield(growingWire: []) == Bitfield(count: 0))
        var random = SeededRandom(seed: 1)
        let bytes = (0..<1_001).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(Bitfield(growingWire: bytes) == Bitfield(wire: bytes, count: 8_008))
    }
}

@Suite("Geometry that grows")
struct GrowingGeometryTests {
    @Test("Growing gives what a larger content has", arguments: [0, 1, 16_384, 40_000])
    func growth(size: Int) {
        for added in [0, 1, 16_384, 16_385, 100_000] {
            var geometry = PieceGeometry(pieceLength: 16_384, totalSize: size)
            geometry.grow(to: size + added)
            #expect(geometry == PieceGeometry(pieceLength: 16_384, totalSize: size + added))
            geometry.grow(to: size)
            #expect(geometry.spaceSize == size + added, "it never shrinks")
        }
    }
}
