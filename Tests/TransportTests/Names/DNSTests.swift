// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire
import Testing

/// Questions to name servers and their answers (RFC 1035), and the files that name them.
struct DNSTests {
    private static let header: [UInt8] = [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0]
    private static let name: [UInt8] = [4] + Array("host".utf8) + [7] + Array("example".utf8) + [0]
    /// An alias, and the address of what it stands for.
    private static let records: [UInt8] =
        [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, 0x78, 0xc0, 17]
        + [1, 0x78, 0xc0, 17, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7]
    private static let answer = header + name + [0, 1, 0, 1] + records

    private static func parse(_ bytes: [UInt8]) throws -> [IPAddress]? {
        let question = try #require(DNSQuestion("Host.example.", .a, id: 0x1234))
        return DNSAnswer(parsing: ByteBuffer(bytes: bytes), to: question)?.addresses
    }

    @Test func questionsHaveTheirBytes() throws {
        let question = try #require(DNSQuestion("Host.example.", .aaaa, id: 0x1234))
        #expect(
            Array(question.encoded().readableBytesView)
                == [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + Self.name + [0, 28, 0, 1]
        )
        for odd in [
            "", ".", "a..b", String(repeating: "x", count: 64), "a b", "ä", String(repeating: "x.", count: 128),
        ] {
            #expect(DNSQuestion(odd, .a, id: 1) == nil, "\(odd)")
        }
    }

    @Test func addressesAreFoundBehindAliases() throws {
        #expect(try Self.parse(Self.answer)?.map(\.description) == ["192.0.2.7"])
        var failed = Self.answer
        failed[3] = 0x83
        #expect(try Self.parse(failed) == [])
        failed[3] = 0x82
        #expect(try Self.parse(failed) == nil)
    }

    @Test func othersAnswersAreIgnored() throws {
        for (place, byte) in [(0, 0), (2, 1), (5, 2), (13, 0x78), (12, 5), (26, 28), (28, 3)] as [(Int, UInt8)] {
            var other = Self.answer
            other[place] = byte
            #expect(try Self.parse(other) == nil, "\(place)")
        }
        var loud = Self.answer
        loud[13] = UInt8(ascii: "H")
        #expect(try Self.parse(loud)?.count == 1)
    }

    @Test func answersAreCheckedAtEveryLength() throws {
        for length in 0..<Self.answer.count {
            #expect(try Self.parse(Array(Self.answer[..<length]))?.isEmpty ?? true)
        }
    }

    @Test func settingsAreRead() {
        let servers = NameSettings.servers(
            in: "# x\nnameserver 192.0.2.1\n\tnameserver\t2001:db8::1 \nsearch a\nnameserver x"
        )
        #expect(servers.map(\.description) == ["192.0.2.1:53", "[2001:db8::1]:53"])
        let hosts = "127.0.0.1 localhost\n::1 localhost ip6 # x two\n192.0.2.2 One two\n"
        #expect(NameSettings.addresses(of: "LOCALHOST", inHosts: hosts).map(\.description) == ["127.0.0.1", "::1"])
        #expect(NameSettings.addresses(of: "two", inHosts: hosts).map(\.description) == ["192.0.2.2"])
        #expect(NameSettings.addresses(of: "three", inHosts: hosts).isEmpty)
    }
}
