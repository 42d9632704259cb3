// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Peer list: endpoints named only by peers")
struct DialPaceTests {
    private let limits = PeerListLimits()

    private func endpoint(_ host: UInt32, _ port: UInt16 = 6881) -> PeerEndpoint {
        PeerEndpoint(address: IPAddress(v4: 10 << 24 | host), port: port)
    }

    /// A list in which peers, one after the other, have named 500 ports of host 1.
    private func makeFlooded(work: WorkMeter = WorkMeter()) -> PeerList {
        var list = PeerList(seed: 1, work: work)
        for port in 1...500 as ClosedRange<UInt16> {
            list.handleFound(endpoint(1, port), from: .pex, by: endpoint(1_000 + UInt32(port)).address.group, at: .zero)
        }
        return list
    }

    @Test("One address is dialled a few times at once and ten times a minute, until each port has been dialled")
    func pace() {
        var list = makeFlooded()
        var (now, ends) = (Instant.zero, [(PeerEndpoint, Instant)]())
        var dials: [PeerEndpoint: [Instant]] = [:]
        while now < .zero + .minutes(60) {
            for (gone, _) in ends.filter({ $0.1 <= now }) { list.handleDialFailed(gone, at: now) }
            ends.removeAll { $0.1 <= now }
            for dialled in list.nextToDial(upTo: 16, at: now) {
                ends.append((dialled, now + .seconds(10)))
                dials[dialled, default: []].append(now)
            }
            #expect(ends.count <= limits.hearsayDialsAtOnce)
            now = now + .milliseconds(500)
        }
        let times = dials.values.flatMap(\.self).sorted()
        for (first, later) in zip(times, times.dropFirst(limits.hearsayDialsAtOnce + 10)) {
            #expect(later - first >= .seconds(60))
        }
        #expect(times.count > 500 && dials.count == 500)
    }

    @Test("No turn is later than a full list needs, however many endpoints were named and forgotten")
    func lastTurn() {
        var pace = DialPace(limits: limits, work: WorkMeter())
        let group = endpoint(1).address.group
        var turn = Instant.zero
        for _ in 0..<2 * limits.endpointCount { turn = pace.nextTurn(group, at: .zero) }
        #expect(turn == Instant.zero + limits.hearsayDialInterval * Int64(limits.endpointCount))
    }

    @Test("A waiting endpoint is examined once, however long it waits")
    func work() {
        let work = WorkMeter()
        var list = makeFlooded(work: work)
        _ = list.nextToDial(upTo: 16, at: .zero)
        let before = work.stepCount
        for tick in 1...1_000 { _ = list.nextToDial(upTo: 16, at: .zero + .milliseconds(tick)) }
        #expect(work.stepCount - before < 20_000, "examining all waiting endpoints costs 500 steps per tick")
    }

    @Test("Others have their turns meanwhile, and an endpoint that a tracker names stops waiting")
    func others() {
        var list = makeFlooded()
        #expect(list.nextToDial(upTo: 16, at: .zero).count == limits.hearsayDialsAtOnce)
        for host in 2...6 as ClosedRange<UInt32> { list.handleFound(endpoint(host), from: .pex, at: .zero) }
        #expect(Set(list.nextToDial(upTo: 16, at: .zero)) == Set((2...6).map { endpoint($0) }))
        let waiting = list.records.filter { $0.state == .idle }.map(\.endpoint).prefix(30)
        for endpoint in waiting { list.handleFound(endpoint, from: .tracker, at: .zero) }
        #expect(Set(list.nextToDial(upTo: 99, at: .zero)) == Set(waiting))
    }

    @Test("Each address may name a limited number of endpoints, and those confirmed do not count")
    func tellers() {
        var list = PeerList(seed: 1)
        func told(_ hosts: ClosedRange<UInt32>, by teller: UInt32) -> Int {
            let group = endpoint(teller).address.group
            let before = list.count
            for host in hosts { list.handleFound(endpoint(host), from: .pex, by: group, at: .zero) }
            return list.count - before
        }
        #expect(told(1_000...1_999, by: 1) == limits.endpointsPerTeller)
        #expect(told(2_000...2_099, by: 2) == 100)
        #expect(told(3_000...3_099, by: 1) == 0)
        list.handleConnected(endpoint(1_000), isIncoming: false, at: .zero)
        list.handleFound(endpoint(1_001), from: .tracker, at: .zero)
        #expect(told(1_002...1_002, by: 2) == 0, "already known, and from now on named by several")
        #expect(told(3_000...3_099, by: 1) == 3)
        list.ban(endpoint(1_003).address, until: .zero + .minutes(1))
        #expect(told(4_000...4_099, by: 1) == 1)
    }

    @Test("Addresses whose turns are over are forgotten")
    func forgotten() {
        var pace = DialPace(limits: limits, work: WorkMeter())
        var now = Instant.zero
        for host in 1...10_000 as ClosedRange<UInt32> {
            now = now + .seconds(1)
            let group = endpoint(host).address.group
            #expect(pace.nextTurn(group, at: now) <= now)
            pace.handleBegun(group, at: now)
            pace.handleEnded(group)
        }
        #expect(pace.count <= 64)
    }

    @Test("Whatever happens, an address is never dialled more often at once", arguments: 1...50 as ClosedRange<UInt64>)
    func model(seed: UInt64) {
        var list = PeerList(seed: seed)
        var random = SeededRandom(seed: seed)
        var (now, dialCount) = (Instant.zero, 0)
        for _ in 0..<1_000 {
            now = now + .seconds(Int64.random(in: 0...10, using: &random))
            let known = endpoint(.random(in: 1...3, using: &random), .random(in: 1...30, using: &random))
            let origins = [PeerOrigins.pex, .pex, .pex, .tracker].randomElement(using: &random) ?? .pex
            switch Int.random(in: 0..<8, using: &random) {
            case 0: list.handleDialFailed(known, at: now)
            case 1: list.handleDialDeferred(known, at: now)
            case 2: list.handleConnected(known, isIncoming: false, at: now)
            case 3: list.handleClosed(known, wasUseful: .random(using: &random), at: now)
            case 4: list.ban(known.address, until: now + .seconds(5))
            default: list.handleFound(known, from: origins, by: endpoint(99).address.group, at: now)
            }
            dialCount += list.nextToDial(upTo: .random(in: 0...4, using: &random), at: now).count
            for host in 1...3 as ClosedRange<UInt32> {
                let paced = list.records.count { $0.isPaced && $0.endpoint.address == endpoint(host).address }
                #expect(paced <= limits.hearsayDialsAtOnce, "seed \(seed)")
                #expect(list.pace.isFull(endpoint(host).address.group) == (paced == limits.hearsayDialsAtOnce))
            }
        }
        #expect(dialCount > 50)
    }
}
