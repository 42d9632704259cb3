// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@Suite struct BlockListTests {
    private static let list = """
        # a comment
        // another
        ; and one more

        001.009.096.105 - 001.009.096.110 , 000 , Some organisation, with a comma
        1.9.97.0 - 1.9.97.255 , 200 , allowed by its level
        Some: organisation-with, signs:5.6.7.0-5.6.7.255\r
        10.0.0.0/9
        192.0.2.7 # a host
        198.51.100.0/24 ; SBL1
        2001:db8::/32
        2001:dead::1 - 2001:dead::f
        """

    private static func parse(_ text: String, parts: Int = 1 << 20) throws -> BlockListParser {
        var parser = BlockListParser()
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: parts) {
            try parser.handle(Array(bytes[start..<min(start + parts, bytes.count)]))
        }
        try parser.handleEndOfFile()
        return parser
    }

    @Test(arguments: [1, 7, 1 << 20])
    func everyFormatIsRead(parts: Int) throws {
        let parser = try Self.parse(Self.list, parts: parts)
        #expect(parser.malformedLineCount == 0)
        #expect(parser.ranges.count == 7)
        let blocked = BlockedAddresses(parser.ranges)
        let expected: [(String, Bool)] = [
            ("1.9.96.104", false), ("1.9.96.105", true), ("1.9.96.110", true), ("1.9.96.111", false),
            ("1.9.97.1", false), ("5.6.7.0", true), ("5.6.8.0", false), ("10.127.255.255", true),
            ("10.128.0.0", false), ("9.255.255.255", false), ("192.0.2.7", true), ("192.0.2.8", false),
            ("198.51.100.200", true), ("2001:db8:ffff::1", true), ("2001:db9::", false), ("2001:dead::1", true),
            ("2001:dead::10", false), ("::ffff:10.1.1.1", true),
        ]
        for (text, isBlocked) in expected {
            let address = try #require(IPAddress(text))
            #expect(blocked.contains(address) == isBlocked, "\(text)")
        }
    }

    @Test func malformedLinesAreCounted() throws {
        let long = String(repeating: "x", count: 5_000) + ":1.2.3.4-1.2.3.5"
        let parser = try Self.parse(
            """
            1.2.3.4
            nonsense
            1.2.3.4-1.2.3
            1.2.3.9-1.2.3.4
            1.2.3.0/33
            1.2.3.256
            1.2.3.0 - 1.2.3.255 , x , name
            1.2.3.4 - 2001:db8::1
            2001:db8::/129
            \(long)
            5.6.7.8
            """
        )
        #expect(parser.malformedLineCount == 9)
        #expect(parser.firstMalformedLine == 2)
        #expect(parser.ranges.count == 2)
    }

    @Test func aByteOrderMarkIsSkipped() throws {
        #expect(try Self.parse("\u{feff}1.2.3.4").ranges.count == 1)
    }

    @Test func rangesThatTouchAreMerged() throws {
        let whole = BlockedAddresses(try Self.parse("0.0.0.0/1\n128.0.0.0/1\n1.2.3.4\n::/0\n2001::/16").ranges)
        #expect(whole.rangeCount == 2)
        for text in ["0.0.0.0", "127.255.255.255", "128.0.0.0", "255.255.255.255", "::", "ffff::1"] {
            #expect(whole.contains(try #require(IPAddress(text))))
        }
        #expect(BlockedAddresses(try Self.parse("1.0.0.0/9\n1.128.0.1").ranges).rangeCount == 2)
    }

    @Test func tooManyRangesAreRefused() throws {
        var limits = WireLimits()
        limits.blockListRangeCount = 2
        var parser = BlockListParser(limits: limits)
        try parser.handle(Array("1.2.3.4\n1.2.3.5\n1.2.3.6".utf8))
        #expect(throws: BlockListError.self) { try parser.handleEndOfFile() }
    }

    @Test func lookupsAgreeWithAScan() throws {
        var random = SeededRandom(seed: 11)
        for _ in 0..<50 {
            let ranges = (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in
                let low = UInt32.random(in: 0..<300, using: &random)
                let high = low + UInt32.random(in: 0..<20, using: &random)
                return AddressRange(first: IPAddress(v4: low), last: IPAddress(v4: high))
            }
            let blocked = BlockedAddresses(ranges)
            for number in 0..<UInt32(330) {
                let address = IPAddress(v4: number)
                let isBlocked = ranges.contains { ($0.first.low...$0.last.low).contains(address.low) }
                #expect(blocked.contains(address) == isBlocked)
            }
        }
    }
}
