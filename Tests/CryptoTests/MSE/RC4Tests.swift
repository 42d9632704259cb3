// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

@Suite struct RC4Tests {
    /// RFC 6229, section 2: keystreams at offsets 0, 1024 and 4096.
    @Test(arguments: [
        (
            "0102030405",
            [
                "b2396305f03dc027ccc3524a0a1118a8", "30abbcc7c20b01609f23ee2d5f6bb7df",
                "ff25b58995996707e51fbdf08b34d875",
            ]
        ),
        (
            "0102030405060708090a0b0c0d0e0f10",
            [
                "9ac7cc9a609d1ef7b2932899cde41b97", "bdf0324e6083dcc6d3cedd3ca8c53c16",
                "a36a4c301ae8ac13610ccbc12256cacc",
            ]
        ),
    ])
    func keystreamsOfRFC6229(key: String, expected: [String]) throws {
        let key = try #require(Hex.decode(key))
        for (offset, expected) in zip([0, 1024, 4096], expected) {
            var stream = RC4(key: key)
            var bytes = [UInt8](repeating: 0, count: offset + 16)
            stream.apply(to: &bytes)
            #expect(Hex.encode(bytes[offset...]) == expected)

            var discarding = RC4(key: key, discarding: offset)
            var start = [UInt8](repeating: 0, count: 16)
            discarding.apply(to: &start)
            #expect(Hex.encode(start) == expected)
        }
    }

    @Test func partsOfAnySizeGiveTheSameStream() {
        let key = Array("Wiki".utf8)
        var whole = RC4(key: key)
        var expected = Array((0..<5000).map { UInt8(truncatingIfNeeded: $0) })
        let plain = expected
        whole.apply(to: &expected)
        var generator = SeededRandom(seed: 1)
        for _ in 0..<20 {
            var parts = RC4(key: key)
            var bytes = plain
            var offset = 0
            while offset < bytes.count {
                let end = min(bytes.count, offset + Int.random(in: 0...40, using: &generator))
                bytes.withUnsafeMutableBytes { parts.apply(to: .init(rebasing: $0[offset..<end])) }
                offset = end
            }
            #expect(bytes == expected)
        }
    }
}
