// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@Suite struct PeerEndpointTextTests {
    /// Accepted text, and its canonical form (RFC 5952, section 4).
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"),
        ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::192.0.2.1", "::c000:201"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("fe80:0:0:0:0:0:0:0", "fe80::"),
    ])
    func readsAndWritesAddresses(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1..2.3", "1.2.3.-4", "+1.2.3.4",
        "0x1.2.3.4",
        ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1::", "12345::", "g::", "1:2",
        "::1%eth0",
        "[::1]", "1.2.3.4::", "::1.2.3.4:1", "1:2:3:4:5:6:7:1.2.3.4", ":1:2:3:4:5:6:7:8", "::1.2.3", "1:::2", "é::",
    ])
    func refusesOtherAddresses(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func readsAndWritesEndpoints() throws {
        for text in ["192.0.2.1:6881", "[2001:db8::1]:80", "[::]:65535"] {
            #expect(try #require(PeerEndpoint(text)).description == text)
        }
        #expect(PeerEndpoint("[::ffff:192.0.2.1]:1")?.description == "192.0.2.1:1")
    }

    @Test(arguments: [
        "192.0.2.1", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:080", ":80", "2001:db8::1:80",
        "[192.0.2.1]:80",
        "[2001:db8::1]", "[2001:db8::1]80", "[2001:db8::1:80", "name:80", "192.0.2.1:-1", "",
    ])
    func refusesOtherEndpoints(text: String) {
        #expect(PeerEndpoint(text) == nil)
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func everyAddressReadsBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        // Zero groups are frequent, so the double colon occurs in all positions.
        func half() -> UInt64 {
            random.next() & random.next() & (random.next() | 0xffff_0000_ffff_0000) & random.next()
        }
        let address = IPAddress(v6High: Bool.random(using: &random) ? half() : 0, low: half())
        #expect(IPAddress(address.description) == address, "seed \(seed): \(address)")
        let v4 = IPAddress(v4: UInt32(truncatingIfNeeded: random.next()))
        #expect(IPAddress(v4.description) == v4, "seed \(seed)")
    }
}
