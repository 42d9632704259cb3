// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheDHT

struct ScrapeFilterTests {
    /// BEP 33, "Test Vectors": 192.0.2.0 to 192.0.2.255, and 2001:db8:: to 2001:db8::3e7.
    @Test func vector() {
        var (v4, v6) = (ScrapeFilter(), ScrapeFilter())
        for last in 0..<256 { v4.insert(IPAddress(v4: 0xc000_0200 + UInt32(last))) }
        for last in 0..<1_000 { v6.insert(IPAddress(v6High: 0x2001_0db8 << 32, low: UInt64(last))) }
        v4.formUnion(v6)
        #expect(Hex.encode(v4.bytes).uppercased() == Self.expected.filter { $0.isHexDigit })
        #expect((v4.estimatedCount * 10_000).rounded() == 12_249_309)
        #expect(ScrapeFilter().estimatedCount == 0)
        #expect(ScrapeFilter(v4.bytes[...]) == v4)
        #expect(ScrapeFilter(v4.bytes.dropLast()) == nil)
    }

    private static let expected = """
        F6C3F5EA A07FFD91 BDE89F77 7F26FB2B FF37BDB8 FB2BBAA2 FD3DDDE7 BACFFF75 EE7CCBAE
        FE5EEDB1 FBFAFF67 F6ABFF5E 43DDBCA3 FD9B9FFD F4FFD3E9 DFF12D1B DF59DB53 DBE9FA5B
        7FF3B8FD FCDE1AFB 8BEDD7BE 2F3EE71E BBBFE93B CDEEFE14 8246C2BC 5DBFF7E7 EFDCF24F
        D8DC7ADF FD8FFFDF DDFFF7A4 BBEEDF5C B95CE81F C7FCFF1F F4FFFFDF E5F7FDCB B7FD79B3
        FA1FC77B FE07FFF9 05B7B7FF C7FEFEFF E0B8370B B0CD3F5B 7F2BD93F EB4386CF DD6F7FD5
        BFAF2E9E BFFFFEEC D67ADBF7 C67F17EF D5D75EBA 6FFEBA7F FF47A91E B1BFBB53 E8ABFB57
        62ABE8FF 237279BF EFBFEEF5 FFC5FEBF DFE5ADFF ADFEE1FB 737FFFFB FD9F6AEF FEEE76B6
        FD8F72EF
        """
}
