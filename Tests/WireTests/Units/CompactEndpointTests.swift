// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@Suite struct CompactEndpointTests {
    private let v4 = PeerEndpoint(address: IPAddress(v4: 0xc0a8_0001), port: 6881)
    private let v6 = PeerEndpoint(address: IPAddress(v6High: 0x2001_0db8_0000_0000, low: 0xff), port: 443)

    @Test func bothFormsHaveTheirBytes() {
        #expect(v4.compactBytes == [192, 168, 0, 1, 0x1a, 0xe1])
        #expect(v6.compactBytes == [0x20, 1, 0x0d, 0xb8] + Array(repeating: 0, count: 11) + [0xff, 1, 0xbb])
        for endpoint in [v4, v6] { #expect(PeerEndpoint(compact: endpoint.compactBytes) == endpoint) }
        #expect(v4.compactForm == .v4)
        #expect(v6.compactForm == .v6)
    }

    @Test func otherLengthsAreNoEndpoint() {
        for count in 0...20 where count != 6 && count != 18 {
            #expect(PeerEndpoint(compact: Array(repeating: 0, count: count)) == nil)
        }
        for count in 0...20 where count != 4 && count != 16 {
            #expect(IPAddress(compact: Array(repeating: 0, count: count)) == nil)
        }
    }

    @Test func mappedAddressesBecomeIPv4() {
        let mapped = Array(repeating: 0 as UInt8, count: 10) + [0xff, 0xff, 192, 168, 0, 1, 0x1a, 0xe1]
        #expect(PeerEndpoint(compact: mapped) == v4)
    }

    @Test func listsAreSplitByFamilyAndBounded() {
        let all = [v4, v6, v4]
        #expect(all.compactBytes(.v4) == v4.compactBytes + v4.compactBytes)
        #expect(all.compactBytes(.v6) == v6.compactBytes)
        #expect(PeerEndpoint.list(compact: all.compactBytes(.v4), form: .v4, limit: 10) == [v4, v4])
        #expect(PeerEndpoint.list(compact: all.compactBytes(.v4), form: .v4, limit: 1) == [v4])
        #expect(PeerEndpoint.list(compact: [], form: .v6, limit: 1) == [])
        #expect(PeerEndpoint.list(compact: all.compactBytes(.v4).dropLast(), form: .v4, limit: 10) == nil)
    }
}
