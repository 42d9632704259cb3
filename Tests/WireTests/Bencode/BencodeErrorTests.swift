// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

/// Each row has the input, the kind of error, and the offset at which it is reported.
@Suite struct BencodeErrorTests {
    @Test(arguments: [
        ("", BencodeError.Code.unexpectedEnd, 0),
        ("i", .unexpectedEnd, 1),
        ("i5", .unexpectedEnd, 2),
        ("5", .unexpectedEnd, 1),
        ("5:spam", .unexpectedEnd, 2),
        ("l", .unexpectedEnd, 1),
        ("d1:a", .unexpectedEnd, 4),
        ("li1e", .unexpectedEnd, 4),
        ("x", .unexpectedByte, 0),
        ("e", .unexpectedByte, 0),
        ("-1:a", .unexpectedByte, 0),
        ("l-e", .unexpectedByte, 1),
        ("di1ei2ee", .unexpectedByte, 1),
        ("dlei1ee", .unexpectedByte, 1),
        ("d1:ae", .unexpectedByte, 4),
        ("ie", .malformedNumber, 1),
        ("i-e", .malformedNumber, 2),
        ("i+1e", .malformedNumber, 1),
        ("i1.5e", .malformedNumber, 2),
        ("i--1e", .malformedNumber, 2),
        ("4spam", .malformedNumber, 1),
        ("99999999999999999999999999:a", .unexpectedEnd, 27),
        ("4294967295:a", .unexpectedEnd, 11),
        ("i1ei2e", .trailingBytes, 3),
    ])
    func refusesInEveryMode(input: String, code: BencodeError.Code, offset: Int) throws {
        for rules in [BencodeRules.strict, .lenient, .message] {
            let error = #expect(throws: BencodeError.self) { try BencodeDocument(Array(input.utf8), rules: rules) }
            #expect(error?.code == code, "\(input)")
            #expect(error?.offset == offset, "\(input)")
        }
    }

    @Test(arguments: [
        ("i00e", 1), ("i03e", 1), ("i-0e", 2), ("i-01e", 2), ("04:spam", 0), ("00:", 0), ("d1:bi1e1:ai1ee", 7),
        ("d1:ai1e1:ai2ee", 7), ("d2:aai1e1:ai2ee", 8), ("d0:i1e0:i2ee", 6),
    ])
    func strictRefusesOtherThanTheCanonicalForm(input: String, offset: Int) throws {
        let bytes = Array(input.utf8)
        let error = #expect(throws: BencodeError.self) { try BencodeDocument(bytes, rules: .strict) }
        #expect(error?.code == .notCanonical)
        #expect(error?.offset == offset)
        #expect(throws: Never.self) { try BencodeDocument(bytes, rules: .lenient) }
    }

    @Test func keyOrderIsPerDictionary() throws {
        #expect(throws: Never.self) { try BencodeDocument(Array("d1:bd1:ai1ee1:cd1:ai1eee".utf8)) }
        #expect(throws: BencodeError.self) { try BencodeDocument(Array("d1:bd1:ai1ee1:ad1:ai1eee".utf8)) }
        #expect(throws: Never.self) { try BencodeDocument(Array("ld1:bi1eed1:ai1eee".utf8)) }
    }

    @Test func boundsDepthWithoutRecursion() throws {
        let deep = [UInt8](repeating: UInt8(ascii: "l"), count: 1_000_000)
        let error = #expect(throws: BencodeError.self) { try BencodeDocument(deep, rules: .lenient) }
        #expect(error?.code == .limit)
        #expect(error?.offset == WireLimits.standard.bencodeDepth)

        let unbounded = BencodeRules(isCanonical: true, maxDepth: .max, maxTokens: .max)
        let closed = deep + [UInt8](repeating: UInt8(ascii: "e"), count: deep.count)
        #expect(throws: Never.self) { try BencodeDocument(closed, rules: unbounded) }
    }

    @Test func boundsTokensAndBytes() throws {
        let list = Array("li1ei2ei3ee".utf8)
        let fewTokens = BencodeRules(isCanonical: true, maxTokens: 3)
        #expect(throws: BencodeError.self) { try BencodeDocument(list, rules: fewTokens) }
        #expect(throws: Never.self) { try BencodeDocument(list, rules: BencodeRules(isCanonical: true, maxTokens: 4)) }
        let fewBytes = BencodeRules(isCanonical: true, maxByteCount: 10)
        let error = #expect(throws: BencodeError.self) { try BencodeDocument(list, rules: fewBytes) }
        #expect(error?.code == .limit)
        #expect(error?.description == "bencode at byte 10: expected at most 10 bytes, found 11")
    }

    @Test func saysWhatWasExpectedAndFound() throws {
        let error = #expect(throws: BencodeError.self) { try BencodeDocument(Array("d1:a?".utf8)) }
        #expect(error?.description == "bencode at byte 4: expected a value, found '?'")
    }
}
