// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Peer list: endpoints held by connections")
struct PeerListHoldingTests {
    private let limits = PeerListLimits()

    private func endpoint(_ host: UInt32, _ port: UInt16 = 6881) -> PeerEndpoint {
        PeerEndpoint(address: IPAddress(v4: 10 << 24 | host), port: port)
    }

    /// A list with a peer that connected from port 50,000 of host 1 and says that it listens on 6,881.
    private func makeClaimed(_ origins: PeerOrigins) -> PeerList {
        var list = PeerList(seed: 1)
        list.handleConnected(endpoint(1, 50_000), isIncoming: true, at: .zero)
        list.handleFound(endpoint(1), from: origins, at: .zero)
        list.handleListenPort(of: endpoint(1, 50_000), dialable: endpoint(1), at: .zero)
        return list
    }

    @Test("A claim is doubted after a while, and only if others have named the endpoint too")
    func patience() {
        for origins in [PeerOrigins.tracker, .pex, .manual, .incoming] {
            var list = makeClaimed(origins)
            let end = Instant.zero + limits.claimPatience
            list.handleDoubt(of: endpoint(1, 50_000), at: end + .seconds(-1))
            #expect(list.nextToDial(upTo: 9, at: end + .seconds(-1)).isEmpty)
            list.handleDoubt(of: endpoint(1, 50_000), at: end)
            #expect(list.nextToDial(upTo: 9, at: end) == (origins == .incoming ? [] : [endpoint(1)]))
        }
    }

    @Test("If no peer answers there, it is tried again after an hour, and not forgotten")
    func nobodyAnswers() {
        var list = makeClaimed(.tracker)
        var now = Instant.zero + limits.claimPatience
        for _ in 0..<20 {
            list.handleDoubt(of: endpoint(1, 50_000), at: now)
            #expect(list.nextToDial(upTo: 9, at: now) == [endpoint(1)])
            list.handleDialFailed(endpoint(1), at: now)
            let next = now + limits.comparisonMemory
            list.handleDoubt(of: endpoint(1, 50_000), at: next + .seconds(-1))
            #expect(list.nextToDial(upTo: 9, at: next + .seconds(-1)).isEmpty)
            now = next
        }
    }

    @Test("A claimant that reconnects keeps an endpoint from being dialled no longer than one that stays")
    func comingAndGoing() {
        var list = makeClaimed(.tracker)
        var now = Instant.zero
        var dialled: [PeerEndpoint] = []
        while dialled.isEmpty, now < .zero + .minutes(10) {
            now = now + .seconds(20)
            list.handleClosed(endpoint(1, 50_000), wasUseful: true, at: now)
            dialled = list.nextToDial(upTo: 9, at: now)
            list.handleConnected(endpoint(1, 50_000), isIncoming: true, at: now)
            list.handleListenPort(of: endpoint(1, 50_000), dialable: endpoint(1), at: now)
        }
        #expect(dialled == [endpoint(1)] && now <= .zero + limits.claimPatience)
    }

    @Test("Once another peer has answered there, a claim is doubted at once")
    func refuted() {
        var list = makeClaimed(.tracker)
        var now = Instant.zero + limits.claimPatience
        list.handleDoubt(of: endpoint(1, 50_000), at: now)
        #expect(list.nextToDial(upTo: 9, at: now) == [endpoint(1)])
        list.handleConnected(endpoint(1), isIncoming: false, at: now)
        #expect(list.record(endpoint(1))?.holder == nil && list.record(endpoint(1, 50_000))?.standsFor == nil)
        list.handleClosed(endpoint(1, 50_000), wasUseful: true, at: now)
        #expect(list.record(endpoint(1))?.state == .connected)
        list.handleClosed(endpoint(1), wasUseful: true, at: now)
        list.handleConnected(endpoint(1, 50_001), isIncoming: true, at: now)
        list.handleListenPort(of: endpoint(1, 50_001), dialable: endpoint(1), at: now)
        now = now + limits.redialDelay
        list.handleDoubt(of: endpoint(1, 50_001), at: now)
        #expect(list.nextToDial(upTo: 9, at: now) == [endpoint(1)])
    }

    @Test("One peer with many ports is held by one of them; the others fail and are forgotten")
    func manyPorts() {
        var list = PeerList(seed: 1)
        list.handleConnected(endpoint(1, 50_000), isIncoming: true, at: .zero)
        for port in 1...20 as ClosedRange<UInt16> {
            list.handleFound(endpoint(1, port), from: .tracker, at: .zero)
        }
        var (now, dialCount) = (Instant.zero, 0)
        while now < .zero + .minutes(60) {
            for dialled in list.nextToDial(upTo: 99, at: now) {
                dialCount += 1
                list.handleDuplicate(dialled, of: endpoint(1, 50_000), at: now)
            }
            now = now + .seconds(30)
        }
        #expect(list.count == 2 && list.records.contains { $0.state == .held })
        #expect(dialCount == 1 + 19 * limits.maxFailures)
    }

    @Test("A banned endpoint that is held is forgotten with the connection that holds it")
    func banned() {
        var list = makeClaimed(.tracker)
        list.ban(endpoint(1).address, until: .zero + .minutes(60))
        list.handleClosed(endpoint(1, 50_000), wasUseful: true, at: .zero)
        #expect(list.count == 0)
    }

    @Test("A claimant that is a seed does not mark its neighbour, named by others, as one")
    func claimedSeed() {
        for origins in [PeerOrigins.tracker, .incoming] {
            var list = makeClaimed(origins)
            list.handleSeed(endpoint(1, 50_000), isSeed: true)
            list.isSeed = true
            list.handleClosed(endpoint(1, 50_000), wasUseful: true, at: .zero)
            let later = Instant.zero + .minutes(2)
            #expect(list.nextToDial(upTo: 9, at: later) == (origins == .incoming ? [] : [endpoint(1)]))
        }
    }

    @Test("Whatever happens, each held endpoint has a connection holding it", arguments: 1...50 as ClosedRange<UInt64>)
    func model(seed: UInt64) {
        var list = PeerList(seed: seed)
        var random = SeededRandom(seed: seed)
        var (now, heldCount) = (Instant.zero, 0)
        for _ in 0..<1_000 {
            now = now + .seconds(Int64.random(in: 0...40, using: &random))
            let host = UInt32.random(in: 1...3, using: &random)
            let listening = endpoint(host, .random(in: 1...3, using: &random))
            let coming = endpoint(host, .random(in: 50_000...50_003, using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0: list.handleConnected(coming, isIncoming: true, at: now)
            case 1, 2: list.handleListenPort(of: coming, dialable: listening, at: now)
            case 3: list.handleDoubt(of: coming, at: now)
            case 4: list.handleClosed(coming, wasUseful: .random(using: &random), at: now)
            case 5: list.handleDialFailed(listening, at: now)
            case 6: list.handleDuplicate(listening, of: coming, at: now)
            case 7: list.handleConnected(listening, isIncoming: false, at: now)
            case 8: list.handleClosed(listening, wasUseful: .random(using: &random), at: now)
            default: list.handleFound(listening, from: .tracker, at: now)
            }
            _ = list.nextToDial(upTo: Int.random(in: 0...2, using: &random), at: now)
            for record in list.records where record.state == .held {
                heldCount += 1
                let holder = record.holder.flatMap { list.record($0) }
                #expect(holder?.state == .connected && holder?.standsFor == record.endpoint, "seed \(seed)")
            }
        }
        #expect(heldCount > 20)
    }
}
