// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheTrackers

/// By reference, because expectations cannot hold a value that changes.
private final class BulletinUnderTest {
    private var bulletin: TrackerBulletin

    init(_ limits: TrackerLimits = .init()) { bulletin = TrackerBulletin(limits: limits) }

    func handle(_ words: String?, isOutage: Bool = false, of url: String = "a", to number: Int) {
        bulletin.handle(words, isOutage: isOutage, of: url, to: SHA1.hash(Array("\(number)".utf8)))
    }

    /// Returns the messages and how many torrents received them.
    func next() -> [String] {
        bulletin.nextReports().map { "\($0.url): \($0.words ?? "works") \($0.torrentCount)" }.sorted()
    }

    func nextExamples() -> [Int] { bulletin.nextReports().map(\.examples.count) }
}

struct TrackerBulletinTests {
    @Test("A message to thousands of torrents is reported a few times, not thousands")
    func doubling() {
        let bulletin = BulletinUnderTest()
        var lines: [String] = []
        for number in 0..<10_000 {
            bulletin.handle("unregistered", to: number)
            lines += bulletin.next()
        }
        for number in 0..<10_000 {
            bulletin.handle("unregistered", to: number)
            lines += bulletin.next()
        }
        #expect(lines == (0..<14).map { "a: unregistered \(1 << $0)" })
    }

    @Test("A few torrents are named")
    func examples() {
        let bulletin = BulletinUnderTest()
        for number in 0..<100 { bulletin.handle("no", to: number) }
        #expect(bulletin.nextExamples() == [3] && bulletin.nextExamples() == [])
    }

    @Test("A tracker that answers any torrent works again, and one that refuses a torrent still does not work for it")
    func recovery() {
        let bulletin = BulletinUnderTest()
        for number in 0..<4 { bulletin.handle("down", isOutage: true, to: number) }
        #expect(bulletin.next() == ["a: down 4"])
        bulletin.handle(nil, to: 0)
        #expect(bulletin.next() == ["a: works 0"] && bulletin.next().isEmpty)
        bulletin.handle("unregistered", to: 1)
        bulletin.handle("unregistered", to: 2)
        bulletin.handle(nil, to: 3)
        bulletin.handle(nil, to: 1)
        #expect(bulletin.next() == ["a: unregistered 1"])
        bulletin.handle("moved", to: 2)
        #expect(bulletin.next() == ["a: moved 1"])
        bulletin.handle(nil, to: 2)
        #expect(bulletin.next() == ["a: works 0"])
    }

    @Test("Trackers without messages, or with ever new ones, cost no more than the limits")
    func limits() {
        var limits = TrackerLimits()
        (limits.bulletinTrackers, limits.bulletinTopics, limits.bulletinTorrents) = (2, 3, 5)
        let bulletin = BulletinUnderTest(limits)
        for number in 0..<10 { bulletin.handle("words \(number)", of: "a", to: number) }
        #expect(bulletin.next() == ["a: words 0 1", "a: words 1 1", "a: words 2 1"])
        for number in 0..<10 { bulletin.handle("same", of: "b", to: number) }
        bulletin.handle("same", of: "c", to: 1)
        #expect(bulletin.next() == ["b: same 2"])
        for number in 0..<10 { bulletin.handle(nil, of: "b", to: number) }
        for number in 0..<10 { bulletin.handle(nil, of: "c", to: number) }
        #expect(bulletin.next() == ["b: works 0"])
    }
}
