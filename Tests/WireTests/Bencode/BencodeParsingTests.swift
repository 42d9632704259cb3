// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheWire
import Testing

@Suite struct BencodeParsingTests {
    @Test(arguments: [
        ("i0e", 0), ("i3e", 3), ("i-3e", -3), ("i9223372036854775807e", Int64.max),
        ("i-9223372036854775808e", Int64.min),
    ])
    func readsIntegers(text: String, value: Int64) throws {
        #expect(try decode(text).integer == value)
    }

    @Test(arguments: ["i9223372036854775808e", "i-9223372036854775809e", "i99999999999999999999999999999999e"])
    func answersNilToIntegersBeyond64Bits(text: String) throws {
        let root = try decode(text)
        #expect(root.kind == .integer)
        #expect(root.integer == nil)
    }

    @Test func readsStringsInPlace() throws {
        #expect(try decode("4:spam").text == "spam")
        #expect(try decode("0:").text == "")
        let binary = try BencodeDocument([0x32, 0x3a, 0xff, 0xfe])
        #expect(binary.root.text == nil)
        #expect(binary.root.string == [0xff, 0xfe])
    }

    @Test func readsNestedContainers() throws {
        let root = try decode("d4:listl4:spami42eld1:ai1eeee5:other0:e")
        let list = try #require(root["list"])
        #expect(list.elements.map(\.kind) == [.string, .integer, .list])
        #expect(root["other"]?.text == "")
        #expect(root["missing"] == nil)
        #expect(root.entries.map { String(decoding: $0.key, as: UTF8.self) } == ["list", "other"])
    }

    @Test func tellsTheExactBytesOfAValue() throws {
        let root = try decode("d4:infod6:lengthi5e4:name1:xe1:zi1ee")
        let info = try #require(root["info"])
        #expect(String(decoding: info.rawBytes, as: UTF8.self) == "d6:lengthi5e4:name1:xe")
        #expect(info.range == 7..<29)
    }

    @Test func otherKindsAnswerNothing() throws {
        let root = try decode("i1e")
        #expect(root.string == nil)
        #expect(root.elements.contains { _ in true } == false)
        #expect(root.entries.contains { _ in true } == false)
        #expect(root["a"] == nil)
        #expect(try decode("le").integer == nil)
        #expect(try decode("d1:ai1ee").elements.contains { _ in true } == false)
        #expect(try decode("l1:ai1ee").entries.contains { _ in true } == false)
    }

    @Test func leavesTrailingBytesWhereAllowed() throws {
        let bytes = Array("d8:msg_typei1eepayload".utf8)
        let document = try BencodeDocument(ByteBuffer(bytes: bytes), rules: .messageWithPayload)
        #expect(document.root["msg_type"]?.integer == 1)
        #expect(document.trailingBytes.elementsEqual("payload".utf8))
        #expect(throws: BencodeError.self) { try BencodeDocument(bytes, rules: .message) }
    }

    @Test func lenientTakesTheFirstOfRepeatedKeysInAnyOrder() throws {
        let bytes = Array("d1:bi1e1:ai2e1:bi3ee".utf8)
        let root = try BencodeDocument(bytes, rules: .lenient).root
        #expect(root["b"]?.integer == 1)
        #expect(root["a"]?.integer == 2)
    }

    @Test func lenientReadsLeadingZeros() throws {
        #expect(try BencodeDocument(Array("i-007e".utf8), rules: .lenient).root.integer == -7)
        #expect(try BencodeDocument(Array("004:spam".utf8), rules: .lenient).root.text == "spam")
    }

    @Test func sharesNothingWithTheBufferItCameFrom() throws {
        var buffer = ByteBuffer(string: "xx4:spam")
        buffer.moveReaderIndex(forwardBy: 2)
        let document = try BencodeDocument(buffer)
        buffer.clear()
        #expect(document.root.text == "spam")
        #expect(document.root.range == 0..<6)
    }

    private func decode(_ text: String) throws -> BencodeView { try BencodeDocument(Array(text.utf8)).root }
}
