// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Peers that take requests and send nothing")
struct SilentPeerTests {
    private let bench: CoreBench

    init() throws {
        let torrent = try VirtualTorrent(.v1, pieceLength: 65_536, fileSizes: [64 << 16], seed: 3)
        bench = CoreBench(torrent, isSeed: false)
    }

    /// Connects a peer that has everything and unchokes us, and returns what is requested from it.
    private func join(_ number: UInt8, id: UInt8? = nil) throws -> (slot: PeerSlot, requests: [BlockRequest]) {
        let slot = try #require(bench.connect(number, id: id))
        bench.tell(.haveAll, .unchoke, from: slot)
        return (slot, requests(to: slot))
    }

    private func requests(to slot: PeerSlot) -> [BlockRequest] {
        bench.effects.compactMap { effect in
            if case .send(slot, .request(let block)) = effect { block } else { nil }
        }
    }

    private func leave(_ slot: PeerSlot) {
        bench.batch { core, batch in core.handleClosed(slot, in: &batch) }
    }

    private func tick(for seconds: Int) {
        for _ in 0..<seconds * 2 {
            bench.now = bench.now + SwarmTiming.tick
            bench.batch { core, batch in core.handleTick(in: &batch) }
        }
    }

    @Test("Reconnecting does not restore trust", arguments: [3, 11])
    func reconnecting(seconds: Int) throws {
        let first = try join(1)
        #expect(first.requests.count == RequestLimits().initialDepth)
        tick(for: seconds)
        leave(first.slot)
        let again = try join(1)
        #expect(again.requests.count == 1)
        // And what is requested from it can be requested from others as well.
        let other = try join(2)
        #expect(other.requests.contains(again.requests[0]))
    }

    @Test("Every later peer at the address must send a block first, and then counts like any other")
    func neighbour() throws {
        _ = try join(1)
        tick(for: 11)
        let neighbour = try join(1, id: 9)
        let block = try #require(neighbour.requests.first)
        #expect(neighbour.requests.count == 1)
        bench.deliver(block, from: neighbour.slot)
        #expect(requests(to: neighbour.slot).count >= RequestLimits().initialDepth)
    }

    @Test("A peer that leaves soon after a request does not count as silent, nor does one that had sent a block")
    func blameless() throws {
        let hasty = try join(1)
        tick(for: 1)
        leave(hasty.slot)
        #expect(try join(1).requests.count == RequestLimits().initialDepth)
        let giver = try join(2)
        bench.deliver(giver.requests[0], from: giver.slot)
        tick(for: 30)
        leave(giver.slot)
        #expect(try join(2).requests.count == RequestLimits().initialDepth)
    }

    @Test("Addresses are forgotten after a while, and the oldest when there are too many")
    func memory() {
        var addresses = RecentAddresses(for: .minutes(10))
        for number in 0..<2_050 as Range<UInt32> { addresses.insert(IPAddress(v4: number), at: .zero) }
        let isFirstKnown = addresses.contains(IPAddress(v4: 1), at: .zero)
        let isThirdKnown = addresses.contains(IPAddress(v4: 2), at: .zero)
        let isThirdKnownLater = addresses.contains(IPAddress(v4: 2), at: .zero + .minutes(11))
        #expect(!isFirstKnown && isThirdKnown && !isThirdKnownLater)
    }
}
