// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Peer list")
struct PeerListTests {
    private func endpoint(_ host: UInt32, _ port: UInt16 = 6881) -> PeerEndpoint {
        PeerEndpoint(address: IPAddress(v4: 10 << 24 | host), port: port)
    }

    private func makeList(_ change: (inout PeerListLimits) -> Void = { _ in }) -> PeerList {
        var limits = PeerListLimits()
        change(&limits)
        return PeerList(limits: limits, seed: 1)
    }

    private func found(_ list: inout PeerList, _ endpoint: PeerEndpoint, _ origins: PeerOrigins = .tracker) -> Bool {
        list.handleFound(endpoint, from: origins, at: .zero)
    }

    @Test("The priorities of BEP 40")
    func canonicalPriority() {
        func priority(_ a: UInt32, _ b: UInt32, _ ports: (UInt16, UInt16) = (1, 2)) -> UInt32 {
            let ends = (IPAddress(v4: a), IPAddress(v4: b))
            let there = PeerEndpoint(address: ends.0, port: ports.0)
            let back = PeerEndpoint(address: ends.1, port: ports.1)
            #expect(CanonicalPriority.priority(there, back) == CanonicalPriority.priority(back, there))
            return CanonicalPriority.priority(there, back)
        }
        #expect(priority(0x7bd5_200a, 0x624c_3620) == 0xec2d_7224)
        #expect(priority(0x7bd5_200a, 0x7bd5_20ea) == 0x9956_8189)
        #expect(priority(1, 1, (258, 772)) == CRC32C.checksum([1, 2, 3, 4]))
        #expect(CRC32C.checksum("123456789".utf8) == 0xe306_9283)
        let v6 = [1, 2].map { PeerEndpoint(address: IPAddress(v6High: 0x2001_0db8_0000_ff00, low: $0), port: 1) }
        #expect(CanonicalPriority.priority(v6[0], v6[1]) != 0)
        #expect(CanonicalPriority.priority(v6[0], endpoint(1)) == 0)
    }

    @Test("Blocked addresses are not remembered, wherever they come from")
    func blocked() throws {
        let range = try #require(AddressRange(endpoint(1).address, prefixLength: 31))
        var list = PeerList(blocked: BlockedAddresses([range]), seed: 1)
        for origins in [.tracker, .pex, .manual, .incoming] as [PeerOrigins] {
            #expect(!found(&list, endpoint(0), origins) && !found(&list, endpoint(1), origins))
        }
        #expect(found(&list, endpoint(2)))
        #expect(list.nextToDial(upTo: 9, at: .zero) == [endpoint(2)])
    }

    @Test("An endpoint is dialled once, then waits longer with each failure, then is forgotten")
    func backOff() {
        var list = makeList()
        #expect(found(&list, endpoint(1)) && found(&list, endpoint(1), .pex) && list.count == 1)
        var now = Instant.zero
        for attempt in 0..<6 {
            #expect(list.nextToDial(upTo: 9, at: now) == [endpoint(1)], "attempt \(attempt)")
            #expect(list.nextToDial(upTo: 9, at: now).isEmpty && list.nextDialTime(at: now) == nil)
            list.handleDialFailed(endpoint(1), at: now)
            let next = list.nextDialTime(at: now)
            guard attempt < 5 else {
                #expect(next == nil && list.count == 0)
                continue
            }
            #expect(next == now + .minutes(1 << attempt))
            now = next ?? now
            #expect(list.nextToDial(upTo: 9, at: now + .seconds(-1)).isEmpty)
        }
    }

    @Test("Endpoints that the user named are retried for ever, about once an hour")
    func manual() {
        var list = makeList()
        #expect(found(&list, endpoint(1), .manual))
        var now = Instant.zero
        for _ in 0..<50 {
            #expect(list.nextToDial(upTo: 1, at: now).count == 1)
            list.handleDialFailed(endpoint(1), at: now)
            now = now + .minutes(64)
        }
    }

    @Test("The best come first: reached, named by the user, then by BEP 40")
    func order() {
        var list = makeList()
        list.ownEndpoint = endpoint(200, 1)
        for host in 1...5 { #expect(found(&list, endpoint(UInt32(host) << 12))) }
        #expect(found(&list, endpoint(9), .manual))
        list.handleConnected(endpoint(3 << 12), isIncoming: false, at: .zero)
        list.handleClosed(endpoint(3 << 12), wasUseful: true, at: .zero)
        let later = Instant.zero + .minutes(1)
        let dialled = list.nextToDial(upTo: 9, at: later)
        #expect(dialled.prefix(2) == [endpoint(3 << 12), endpoint(9)] && dialled.count == 6)
        let priorities = dialled.dropFirst(2).map { CanonicalPriority.priority($0, endpoint(200, 1)) }
        #expect(priorities == priorities.sorted(by: >))
    }

    @Test("A seed does not dial seeds")
    func seeds() {
        var list = makeList()
        #expect(found(&list, endpoint(1)) && found(&list, endpoint(2)))
        list.handleSeed(endpoint(1), isSeed: true)
        list.isSeed = true
        #expect(list.nextToDial(upTo: 9, at: .zero) == [endpoint(2)])
        list.handleSeed(endpoint(1), isSeed: false)
        #expect(list.nextToDial(upTo: 9, at: .zero) == [endpoint(1)])
    }

    @Test("Invalid endpoints, ourselves and banned peers are refused")
    func refused() {
        var list = makeList()
        list.handleSelf(endpoint(8))
        list.ban(endpoint(9).address, until: .zero + .seconds(5))
        let nowhere = PeerEndpoint(address: IPAddress(v4: 0), port: 1)
        for refused in [endpoint(1, 0), endpoint(8), endpoint(9), endpoint(9, 1), nowhere] {
            #expect(!found(&list, refused))
        }
        #expect(list.isBanned(endpoint(9).address, at: .zero))
        #expect(!list.isBanned(endpoint(9).address, at: .zero + .seconds(5)))
    }

    @Test("A banned peer is forgotten when its connection ends")
    func bannedWhileConnected() {
        var list = makeList()
        list.handleConnected(endpoint(1), isIncoming: false, at: .zero)
        list.ban(endpoint(1).address, until: .zero + .seconds(5))
        list.handleClosed(endpoint(1), wasUseful: true, at: .zero)
        #expect(list.count == 0)
    }

    @Test("The list is limited, and failed endpoints make room")
    func bounded() {
        var list = makeList {
            $0.endpointCount = 50
            $0.banCount = 3
        }
        for host in 1...200 as ClosedRange<UInt32> { _ = found(&list, endpoint(host)) }
        #expect(list.count == 50)
        for known in list.nextToDial(upTo: 10, at: .zero) { list.handleDialFailed(known, at: .zero) }
        #expect((300..<400).count { found(&list, endpoint($0)) } >= 5, "failed endpoints make room")
        list.handleConnected(endpoint(999), isIncoming: true, at: .zero)
        #expect(list.count <= 50 && list.records.count { $0.state == .connected } == 1)
        for host in 1...4 as ClosedRange<UInt32> { list.ban(endpoint(host).address, until: .zero + .seconds(5)) }
        #expect(!list.isBanned(endpoint(1).address, at: .zero) && list.isBanned(endpoint(4).address, at: .zero))
    }

    @Test("Many peers at one address can all be dialled while there is room")
    func manyBehindOneAddress() {
        var list = makeList()
        #expect((1...300).count { found(&list, endpoint(1, $0)) } == 300)
        #expect(list.nextToDial(upTo: 300, at: .zero).count == 300)
    }

    @Test("A full list makes room for newcomers by removing from the largest share, never the reverse")
    func fullList() {
        var list = makeList { $0.endpointCount = 50 }
        #expect((1...60).count { found(&list, endpoint(1, $0)) } >= 50 && list.count == 50)
        for host in 2...21 as ClosedRange<UInt32> { #expect(found(&list, endpoint(host))) }
        for port in 100...2_000 as ClosedRange<UInt16> { _ = found(&list, endpoint(1, port)) }
        #expect((2...21).allSatisfy { list.isKnown(endpoint($0)) } && list.count == 50)
    }

    @Test("An address with many endpoints takes turns with others, and the rest come after them")
    func turns() {
        var list = makeList()
        for port in 1...200 as ClosedRange<UInt16> { #expect(found(&list, endpoint(1, port))) }
        for host in 2...11 as ClosedRange<UInt32> { #expect(found(&list, endpoint(host))) }
        let first = list.nextToDial(upTo: 18, at: .zero)
        #expect(Set(first).isSuperset(of: (2...11).map { endpoint($0) }))
        #expect(first.count { $0.address == endpoint(1).address } == 8)
    }

    @Test(
        "Whatever happens, dialable endpoints come in the order of their ranks",
        arguments: 1...50 as ClosedRange<UInt64>
    )
    func model(seed: UInt64) {
        var list = makeList {
            $0.endpointCount = 60
            $0.hearsayDialsAtOnce = 1_000
        }
        var random = SeededRandom(seed: seed)
        var now = Instant.zero
        var dialCount = 0
        for _ in 0..<400 {
            now = now + .seconds(Int64.random(in: 0...40, using: &random))
            let known = endpoint(.random(in: 1...40, using: &random), .random(in: 1...3, using: &random))
            switch Int.random(in: 0..<9, using: &random) {
            case 0: list.handleSeed(known, isSeed: .random(using: &random))
            case 1: list.handleDialFailed(known, at: now)
            case 2: list.handleConnected(known, isIncoming: false, at: now)
            case 3: list.handleClosed(known, wasUseful: .random(using: &random), at: now)
            case 4: list.handleDialDeferred(known, at: now)
            case 5:
                list.isSeed = .random(using: &random)
                list.handleTick()
            default: _ = found(&list, known, Bool.random(using: &random) ? .pex : .manual)
            }
            let ready = list.records.filter { list.place(of: $0).map { $0.dialAfter <= now } ?? false }
            let ranks = ready.map { $0.rank(forSeed: list.isSeed) }.sorted()
            let count = Int.random(in: 0...4, using: &random)
            let dialled = list.nextToDial(upTo: count, at: now).compactMap { list.record($0) }
            #expect(dialled.map { $0.rank(forSeed: list.isSeed) } == Array(ranks.prefix(count)), "seed \(seed)")
            #expect(list.queue.count <= DialQueue.slack * 60 + 64)
            dialCount += dialled.count
        }
        #expect(dialCount > 20)
    }

    @Test("An incoming peer is dialled on its listening port, not the port that it connected from")
    func incoming() {
        var list = makeList()
        list.handleConnected(endpoint(1, 50_000), isIncoming: true, at: .zero)
        list.handleListenPort(of: endpoint(1, 50_000), dialable: endpoint(1), at: .zero)
        #expect(list.nextToDial(upTo: 9, at: .zero).isEmpty)
        list.handleClosed(endpoint(1, 50_000), wasUseful: true, at: .zero)
        #expect(list.count == 1 && list.records[0].state == .idle)
        #expect(list.nextToDial(upTo: 9, at: .zero + .seconds(30)) == [endpoint(1)])
    }
}
