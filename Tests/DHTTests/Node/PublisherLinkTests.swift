// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheDHT
import Testing

/// Links to what a publisher offers (BEP 46).
@Suite struct PublisherLinkTests {
    private let hex = "8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e"

    /// The links of the BEP.
    @Test func linksOfTheSpecificationAreRead() throws {
        let plain = try #require(PublisherLink(parsing: "magnet:?xs=urn:btpk:\(hex)"))
        #expect("\(plain.author)" == hex && plain.salt.isEmpty)
        let salted = try #require(PublisherLink(parsing: "magnet:?xs=urn:btpk:\(hex)&s=6e"))
        #expect(salted.salt == [0x6e])
        for link in [plain, salted] { #expect(PublisherLink(parsing: "\(link)") == link) }
        #expect(PublisherLink(parsing: hex) == plain)
        #expect(PublisherLink(parsing: "MAGNET:?dn=News&XS=URN:BTPK:\(hex.uppercased())&s=") == plain)
    }

    @Test(arguments: [
        "", "magnet:?", "magnet:?s=6e", "magnet:?xt=urn:btih:2c6b6858d61da9543d4231a71db4b1c9264b0685",
        "magnet:?xs=urn:btpk:00", "http://example.org/?xs=urn:btpk:00",
    ])
    func otherTextIsRefused(_ text: String) {
        #expect(PublisherLink(parsing: text) == nil)
    }

    @Test func whatIsTooLongOrTwofoldIsRefused() {
        let salt = String(repeating: "00", count: 65)
        #expect(PublisherLink(parsing: "magnet:?xs=urn:btpk:\(hex)&s=\(salt)") == nil)
        #expect(PublisherLink(parsing: "magnet:?xs=urn:btpk:\(hex)&xs=urn:btpk:\(hex)") == nil)
        #expect(PublisherLink(parsing: "magnet:?xs=urn:btpk:\(hex)&dn=\(String(repeating: "n", count: 1_024))") == nil)
    }
}
