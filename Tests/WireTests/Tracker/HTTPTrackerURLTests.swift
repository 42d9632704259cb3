// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@Suite struct HTTPTrackerURLTests {
    private let encodedHash = "%00%20%25%26%2b~az" + String(repeating: "%ff", count: 12)
    private let query =
        "&peer_id=-RU0100-abcdefghijkl&port=6881&uploaded=1&downloaded=2&left=3&event=started&numwant=80&key=0000BEEF"
        + "&compact=1&no_peer_id=1&supportcrypto=1"

    @Test func everyParameterIsThere() {
        let url = HTTPTrackerURL.announce(AnnounceSamples.request, to: "http://t.example/announce")
        #expect(url == "http://t.example/announce?info_hash=\(encodedHash)\(query)")
    }

    @Test(arguments: [
        ("http://t/a?x=1", "http://t/a?x=1&info_hash="), ("http://t/a?", "http://t/a?info_hash="),
        ("http://t/a?x=1&", "http://t/a?x=1&info_hash="), ("http://t/a#f?", "http://t/a?info_hash="),
    ])
    func theTrackersOwnQueryStays(tracker: String, beginning: String) {
        #expect(HTTPTrackerURL.announce(AnnounceSamples.request, to: tracker).hasPrefix(beginning))
    }

    @Test func optionalParametersFollowTheirFields() {
        var request = AnnounceSamples.request
        request.event = .none
        request.wantedPeerCount = nil
        request.supportsEncryption = false
        request.trackerID = [0x26, 0x41]
        request.address = IPAddress(v4: 0x0102_0304)
        let url = HTTPTrackerURL.announce(request, to: "http://t/a")
        #expect(url.hasSuffix("&left=3&key=0000BEEF&compact=1&no_peer_id=1&trackerid=%26A&ip=1.2.3.4"))
    }

    // The examples of the convention that BEP 48 describes.
    @Test(arguments: [
        ("http://example.com/announce", "http://example.com/scrape"),
        ("http://example.com/x/announce", "http://example.com/x/scrape"),
        ("http://example.com/announce.php", "http://example.com/scrape.php"),
        ("http://example.com/announce?x2%0644", "http://example.com/scrape?x2%0644"),
    ])
    func announceBecomesScrape(announce: String, scrape: String) throws {
        let url = try HTTPTrackerURL.scrape([AnnounceSamples.infoHash, SHA1Digest()], from: announce)
        let joint = scrape.contains("?") ? "&" : "?"
        let zeros = String(repeating: "%00", count: 20)
        #expect(url == "\(scrape)\(joint)info_hash=\(encodedHash)&info_hash=\(zeros)")
    }

    @Test(arguments: [
        "http://example.com/a", "http://example.com/a?x=/announce",
        "http://example.com/x%064announce", "announce", "",
    ])
    func otherTrackersCannotBeScraped(tracker: String) {
        let error = #expect(throws: TrackerMessageError.self) { try HTTPTrackerURL.scrape([], from: tracker) }
        #expect(error?.code == .unfitURL)
    }
}
