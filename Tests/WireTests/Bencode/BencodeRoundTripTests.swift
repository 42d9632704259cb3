// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@Suite struct BencodeRoundTripTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func randomValuesSurviveEncodingAndDecoding(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let value = BencodeValue.random(depth: 5, using: &random)
        let document = try BencodeDocument(value.encoded, rules: .strict)
        #expect(BencodeValue(document.root) == value, "seed \(seed)")
        #expect(BencodeValue(document.root)?.encoded == document.bytes, "seed \(seed)")
    }

    @Test func mutatedInputNeverTrapsAndWhatDecodesStrictlyEncodesAlike() {
        let corpus: [BencodeValue] = [
            ["announce": "http://a/", "info": ["length": 5, "name": "hello", "pieces": "01234567890123456789"]],
            ["a": [1, 2, ["b": -3]], "c": [:], "d": [], "e": ""],
            [[[[[]]]], "four", 1_000_000_000],
        ]
        var random = SeededRandom(seed: 7)
        var accepted = 0
        for round in 0..<6_000 {
            let input = random.mutating(corpus[round % corpus.count].encoded)
            guard let strict = try? BencodeDocument(input, rules: .strict) else {
                _ = (try? BencodeDocument(input, rules: .lenient)).flatMap { BencodeValue($0.root) }
                continue
            }
            accepted += 1
            #expect(BencodeValue(strict.root)?.encoded == input, "round \(round)")
        }
        #expect(accepted > 100)
    }

    @Test func encoderWritesWhatTheSpecificationShows() {
        let tree: BencodeValue = ["spam": ["a", "b"], "cow": "moo", "n": -3]
        #expect(String(decoding: tree.encoded, as: UTF8.self) == "d3:cow3:moo1:ni-3e4:spaml1:a1:bee")
    }

    @Test func encoderStreamsNestedDictionaries() {
        var encoder = BencodeEncoder()
        encoder.dictionary { outer in
            outer.key("b")
            outer.dictionary { inner in
                inner.entry("a", 1)
                inner.entry("absent", nil as Int?)
                inner.entry("z", [0xff] as [UInt8])
            }
            outer.key("c")
            outer.list { list in
                list.string("x")
                list.integer(UInt64.max)
            }
            outer.key("raw")
            outer.encoded(Array("le".utf8))
        }
        let expected = Array("d1:bd1:ai1e1:z1:".utf8) + [0xff] + Array("e1:cl1:xi18446744073709551615ee3:rawlee".utf8)
        #expect(encoder.bytes == expected)
    }

    @Test func valuesAreParsedWithinTheLimitsOnMessages() throws {
        let value: BencodeValue = ["a": [1, "b"], "c": -5]
        #expect(try BencodeValue(parsing: value.encoded) == value)
        #expect(try BencodeValue(parsing: Array("d1:c1:x1:a1:y1:c1:ze".utf8)) == ["a": "y", "c": "x"])
        func code(_ text: String) -> BencodeError.Code? {
            do throws(BencodeError) { _ = try BencodeValue(parsing: Array(text.utf8)) } catch { return error.code }
            return nil
        }
        #expect(code("i99999999999999999999e") == .malformedNumber)
        #expect(code("1:ab") == .trailingBytes)
        #expect(code(String(repeating: "l", count: 1_000) + String(repeating: "e", count: 1_000)) == .limit)
    }
}

extension BencodeValue {
    fileprivate static func random(depth: Int, using random: inout SeededRandom) -> BencodeValue {
        switch Int.random(in: 0..<(depth > 0 ? 4 : 2), using: &random) {
        case 0: return .integer(Int64(truncatingIfNeeded: random.next()) >> Int64.random(in: 0..<64, using: &random))
        case 1: return .string(random.bytes(count: .random(in: 0..<40, using: &random)))
        case 2:
            let count = Int.random(in: 0..<5, using: &random)
            return .list((0..<count).map { _ in .random(depth: depth - 1, using: &random) })
        default:
            var entries: [[UInt8]: BencodeValue] = [:]
            for _ in 0..<Int.random(in: 0..<5, using: &random) {
                let key = random.bytes(count: .random(in: 0..<4, using: &random))
                entries[key] = .random(depth: depth - 1, using: &random)
            }
            return .dictionary(entries)
        }
    }
}
