// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@Suite struct AddressSharesTests {
    private func group(_ address: String) throws -> AddressGroup { try #require(IPAddress(address)).group }

    @Test func `Only a share that is two larger is excessive`() throws {
        let (one, other) = (try group("10.0.0.1"), try group("2001:db8::1"))
        var shares = AddressShares(of: [one, one, other])
        #expect(shares[one] == 2 && shares[other] == 1)
        #expect(shares.excessive(besides: other) == nil, "they would take turns")
        #expect(shares.excessive(besides: try group("10.0.0.2")) == 2)
        shares.insert(one)
        #expect(shares.excessive(besides: other) == 3 && shares.excessive(besides: one) == nil)
        for _ in 0..<3 { shares.remove(one) }
        #expect(shares[one] == 0 && shares.excessive(besides: one) == nil)
    }

    @Test func `Addresses of one IPv6 network share`() throws {
        let shares = AddressShares(of: [try group("2001:db8::1"), try group("2001:db8::2")])
        #expect(shares[try group("2001:db8::ffff")] == 2)
    }
}
