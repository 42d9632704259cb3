// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Swarm core: connections")
struct SwarmCoreConnectionTests {
    private let torrent: VirtualTorrent

    init() throws {
        torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [10 * 32_768], seed: 1)
    }

    @Test("Two sides that dial each other keep the same connection, whichever is first")
    func duplicates() throws {
        for (ours, theirs) in [(UInt8(10), UInt8(20)), (20, 10)] {
            for incomingFirst in [true, false] {
                let bench = CoreBench(torrent, isSeed: false, ourID: ours)
                let first = bench.connect(theirs, isIncoming: incomingFirst)
                let second = bench.connect(theirs, isIncoming: !incomingFirst)
                // The connection that the side with the lower id dialled is kept.
                let keepsIncoming = ours > theirs
                if keepsIncoming == incomingFirst {
                    #expect(first != nil && second == nil, "\(ours) \(incomingFirst)")
                } else {
                    #expect(second != nil, "\(ours) \(incomingFirst)")
                    let old = try #require(first)
                    #expect(bench.disconnection(of: old) == .duplicate)
                }
                let left = bench.core.peers.occupied
                #expect(left.count == 1 && bench.core.peers[left[0]]?.isIncoming == keepsIncoming)
            }
        }
    }

    @Test("A peer that takes another's place does not get its slot before the batch is over")
    func slotReuse() throws {
        let bench = CoreBench(torrent, isSeed: false, ourID: 10)
        let old = try #require(bench.connect(20, isIncoming: true))
        let new = try #require(bench.connect(20, isIncoming: false))
        #expect(bench.disconnection(of: old) == .duplicate && new != old)
        #expect(bench.core.peers.count == 1)
        #expect(bench.connect(21) == old)
    }

    @Test("One address may have every place while no other peer comes, and then yields the least useful one")
    func shares() throws {
        var limits = SwarmLimits()
        limits.peersPerTorrent = 4
        let bench = CoreBench(torrent, isSeed: false, limits: limits)
        let slots = try (1...4).map { try #require(bench.connect(1, id: $0)) }
        #expect(bench.connect(1, id: 5) == nil, "the address has its share")
        for slot in slots { bench.tell(.haveAll, .unchoke, from: slot) }
        let asked = bench.requests(to: slots[3])
        bench.wait(.seconds(1))
        if let block = asked.first { bench.deliver(block, from: slots[3]) }
        for number in 2...3 as ClosedRange<UInt8> { #expect(bench.connect(number, id: number + 8) != nil) }
        #expect(bench.core.peers[slots[3]] != nil, "the one that uploads to us stays")
        #expect(bench.core.peers.count == 4)
        #expect(bench.connect(4, id: 20) != nil, "two of one address are more than fair")
        #expect(bench.core.peers[slots[3]] != nil)
        #expect(bench.connect(5, id: 21) == nil, "now every address has one")
    }

    @Test("A useless peer makes room once its probation is over")
    func limits() {
        var limits = SwarmLimits()
        limits.peersPerTorrent = 3
        let bench = CoreBench(torrent, isSeed: false, limits: limits)
        for number in 1...3 as ClosedRange<UInt8> { #expect(bench.connect(number) != nil) }
        #expect(bench.connect(4) == nil)
        bench.wait(.minutes(2))
        #expect(bench.connect(4) != nil)
        #expect(bench.core.peers.count == 3)
    }

    @Test("Of several useless peers, the one with the lowest canonical priority makes room (BEP 40)")
    func canonicalPriority() throws {
        var limits = SwarmLimits()
        limits.peersPerTorrent = 8
        let bench = CoreBench(torrent, isSeed: false, limits: limits)
        let own = PeerEndpoint(address: IPAddress(v4: 0x0b00_0001), port: 6_881)
        let slots = try (1...8).map { try #require(bench.connect($0)) }
        for slot in slots { bench.greet(from: slot) { $0.yourAddress = own.address } }
        #expect(bench.core.connections.list.ownEndpoint == own)
        bench.wait(.minutes(2))
        _ = try #require(bench.connect(9))
        let gone = try #require(slots.first { bench.disconnection(of: $0) == .useless })
        let lowest = (1...8).min { a, b in
            CanonicalPriority.priority(own, .test(a, 50_000)) < CanonicalPriority.priority(own, .test(b, 50_000))
        }
        #expect(slots.firstIndex(of: gone).map { UInt8($0 + 1) } == lowest)
    }

    @Test("Our address is what most peers say, counting each address once")
    func votes() {
        var votes = AddressVotes()
        let (own, false1) = (IPAddress(v4: 1), IPAddress(v4: 2))
        for _ in 0..<100 { #expect(votes.handleVote(for: false1, by: IPAddress(v4: 77)) == nil) }
        #expect(votes.handleVote(for: own, by: IPAddress(v4: 10)) == nil)
        #expect(votes.handleVote(for: own, by: IPAddress(v4: 11)) == nil)
        #expect(votes.handleVote(for: own, by: IPAddress(v4: 12)) == own)
        #expect(votes.handleVote(for: false1, by: IPAddress(v4: 78)) == nil)
    }

    @Test("Using another peer's id gets no peer refused or disconnected")
    func borrowedID() throws {
        for isFirst in [true, false] {
            for directions in [(true, true), (true, false), (false, true), (false, false)] {
                let bench = CoreBench(torrent, isSeed: false)
                let honest = isFirst ? nil : bench.connect(1, id: 7, isIncoming: directions.0)
                let thief = try #require(bench.connect(2, id: 7, isIncoming: directions.1))
                let late = isFirst ? bench.connect(1, id: 7, isIncoming: directions.0) : nil
                let slot = try #require(honest ?? late)
                #expect(bench.core.peers[slot] != nil && bench.core.peers[thief] != nil)
                #expect(bench.disconnection(of: slot) == nil)
            }
        }
    }

    @Test("Two seeds disconnect")
    func twoSeeds() throws {
        let bench = CoreBench(torrent, isSeed: true)
        let slot = try #require(bench.connect(1))
        bench.tell(.haveAll, from: slot)
        #expect(bench.disconnection(of: slot) == .bothComplete)
    }

    @Test("A silent peer gets keep-alives, and is then dropped")
    func silence() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1))
        bench.wait(.seconds(120))
        #expect(bench.sent(to: slot) == [.keepAlive])
        bench.wait(.seconds(60))
        #expect(bench.disconnection(of: slot) == .timedOut)
    }

    @Test("Peers learn of each other, but not in a private torrent", arguments: [false, true])
    func peerExchange(isPrivate: Bool) throws {
        let torrent = try VirtualTorrent(
            .v1,
            pieceLength: 32_768,
            fileSizes: [10 * 32_768],
            isPrivate: isPrivate,
            seed: 1
        )
        let bench = CoreBench(torrent, isSeed: false)
        let slots = try [1, 2].map { try #require(bench.connect($0)) }
        for slot in slots {
            bench.greet(from: slot) {
                $0.extensions = [ExtensionName.peerExchange: 7]
                $0.listenPort = 1_234
            }
        }
        bench.wait(.seconds(90))
        let told = try slots.map { try bench.extended(7, to: $0).map { try PeerExchangeMessage(parsing: $0) } }
        if isPrivate {
            #expect(told.flatMap(\.self).isEmpty)
            let payload = PeerExchangeMessage(added: [.init(.test(9))]).encoded()
            bench.tell(.extended(id: OwnExtension.peerExchange.rawValue, payload: payload), from: slots[0])
            #expect(bench.misbehaviours == [.badPeerExchange])
        } else {
            #expect(told.map { $0.flatMap(\.added).map(\.endpoint) } == [[.test(2, 1_234)], [.test(1, 1_234)]])
        }
    }

    @Test("Nothing happens to a peer that has left, and the next one gets its slot")
    func leaving() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1))
        bench.tell(.haveAll, .unchoke, from: slot)
        let asked = bench.requests(to: slot)
        bench.batch { core, batch in core.handleClosed(slot, in: &batch) }
        bench.tell(.haveAll, .choke, from: slot)
        bench.deliver(asked[0], from: slot)
        #expect(bench.core.peers.count == 0 && bench.core.download.wastedByteCount == 0)
        let next = try #require(bench.connect(2))
        #expect(next == slot)
        bench.tell(.haveAll, .unchoke, from: next)
        var requests = bench.requests(to: next)
        for index in 0..<20 where index < requests.count {
            bench.deliver(requests[index], from: next)
            requests += bench.requests(to: next)
        }
        #expect(Set(requests).isSuperset(of: asked))
    }

    @Test("Peers in a full list make room for others if none uploads to us, and do not if one does")
    func turnover() throws {
        for gives in [false, true] {
            var limits = SwarmLimits()
            limits.peersPerTorrent = 10
            let bench = CoreBench(torrent, isSeed: false, limits: limits)
            let slots = (1...10).compactMap { bench.connect(UInt8($0)) }
            #expect(slots.count == 10)
            for slot in slots { bench.tell(.haveAll, from: slot) }
            let others = (101...140).map { PeerEndpoint.test(UInt8($0)) }
            bench.batch { core, batch in core.handleFound(others, from: .tracker, in: &batch) }
            #expect(bench.core.peers.count == 10)
            if gives { bench.tell(.unchoke, from: slots[0]) }
            var asked = bench.requests(to: slots[0])
            for _ in 0..<19 {
                bench.wait(.seconds(5))
                asked += bench.requests(to: slots[0])
                guard !asked.isEmpty else { continue }
                bench.deliver(asked.removeFirst(), from: slots[0])
                asked += bench.requests(to: slots[0])
            }
            #expect(bench.core.peers.count == (gives ? 10 : 9))
        }
    }

    @Test("A full seed gives a newcomer the place of a peer that has had its turn, and no other")
    func turns() throws {
        var limits = SwarmLimits()
        limits.peersPerTorrent = 3
        limits.uploadSlots = 1
        let bench = CoreBench(torrent, isSeed: true, limits: limits)
        let slots = (1...3).compactMap { bench.connect(UInt8($0)) }
        for slot in slots { bench.tell(.interested, from: slot) }
        let first = try #require(slots.first { bench.core.peers[$0]?.upload.isChoked == false })
        #expect(bench.connect(4) == nil)
        // A turn ends within five minutes, whatever the peer downloaded.
        for _ in 0..<60 where bench.core.peers[first]?.upload.isChoked == false {
            bench.wait(.seconds(10))
            for slot in slots { bench.tell(.interested, from: slot) }
        }
        let second = try #require(slots.first { bench.core.peers[$0]?.upload.isChoked == false })
        #expect(second != first)
        let newcomer = try #require(bench.connect(5))
        #expect(bench.disconnection(of: first) == .hadItsTurn)
        #expect(bench.core.peers.count == 3)
        #expect(bench.connect(6) == nil)
        // The next to have had its turn makes room for others, but not yet for the one that left.
        for _ in 0..<60 where bench.core.peers[second]?.upload.isChoked == false {
            bench.wait(.seconds(10))
            for slot in slots + [newcomer] { bench.tell(.interested, from: slot) }
        }
        let left = UInt8(slots.firstIndex(of: first).map { $0 + 1 } ?? 0)
        #expect(bench.connect(left) == nil)
        #expect(bench.connect(7) != nil)
        #expect(bench.disconnection(of: second) == .hadItsTurn)
    }
}
