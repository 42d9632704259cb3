// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheDHT

struct StoreTests {
    private var random = SeededRandom(seed: 5)

    // MARK: Tokens

    @Test mutating func tokensHoldForTwoLifetimesAndOneAddress() {
        var tokens = WriteTokens(lifetime: .minutes(5), at: .zero, using: &random)
        let (here, there) = (IPAddress(v4: 0x0102_0304), IPAddress(v4: 0x0102_0305))
        let (target, other) = (NodeID(using: &random), NodeID(using: &random))
        let token = tokens.makeToken(for: here, about: target)
        #expect(tokens.isValid(token, from: here, about: target))
        #expect(!tokens.isValid(token, from: there, about: target))
        #expect(!tokens.isValid(token, from: here, about: other))
        #expect(!tokens.isValid([], from: here, about: target))
        tokens.handleTimer(at: .seconds(301), using: &random)
        #expect(tokens.isValid(token, from: here, about: target))
        tokens.handleTimer(at: .seconds(601), using: &random)
        #expect(!tokens.isValid(token, from: here, about: target))
        let later = tokens.makeToken(for: here, about: target)
        tokens.handleTimer(at: .seconds(100_000), using: &random)
        #expect(!tokens.isValid(later, from: here, about: target), "a machine that slept accepts no old token")
    }

    // MARK: Peers

    @Test mutating func peersExpireAndAreCountedOnceByAddress() {
        var store = PeerStore(limits: DHTLimits())
        let (hash, own) = (NodeID(using: &random), NodeID(using: &random))
        let inserted = [
            store.insert(.v4(1, 1, 1, 1, port: 5), isSeed: false, in: hash, near: own, at: .zero),
            store.insert(.v4(1, 1, 1, 1, port: 6), isSeed: true, in: hash, near: own, at: .zero),
            store.insert(.v4(1, 1, 1, 2), isSeed: false, in: hash, near: own, at: .seconds(60)),
        ]
        #expect(inserted == [true, true, true])
        #expect(store.peerCount == 2)
        #expect(
            Set(store.peers(of: hash, skippingSeeds: false, count: 9, using: &random))
                == [.v4(1, 1, 1, 1, port: 6), .v4(1, 1, 1, 2)]
        )
        #expect(store.peers(of: hash, skippingSeeds: true, count: 9, using: &random) == [.v4(1, 1, 1, 2)])
        #expect(store.peers(of: hash, skippingSeeds: false, count: 1, using: &random).count == 1)
        #expect(store.filters(of: hash)?.seeds.estimatedCount.rounded() == 1)
        store.expire(at: .seconds(30 * 60))
        #expect(store.peers(of: hash, skippingSeeds: false, count: 9, using: &random) == [.v4(1, 1, 1, 2)])
        store.expire(at: .seconds(31 * 60))
        #expect(store.swarmCount == 0 && store.peerCount == 0)
        #expect(store.filters(of: hash) == nil)
    }

    @Test mutating func peersAreBoundedInEveryDirection() {
        var limits = DHTLimits()
        (limits.swarms, limits.peersPerSwarm, limits.swarmsPerParty, limits.peers) = (4, 3, 5, 10)
        var store = PeerStore(limits: limits)
        let own = NodeID(high: 0, middle: 0, low: 0)
        let hashes = (1...9).map { NodeID(high: $0 << 32, middle: 0, low: 0) }
        for peer in 1...5 {
            _ = store.insert(.v4(1, 1, 1, UInt32(peer)), isSeed: false, in: hashes[8], near: own, at: .zero)
        }
        #expect(store.peerCount == 3)
        #expect(store.isFull(hashes[8]))
        for hash in hashes.reversed() {
            _ = store.insert(.v4(2, 2, 2, 2), isSeed: false, in: hash, near: own, at: .zero)
        }
        #expect(store.swarmCount == 4)
        // Those nearest to us are kept, whatever came first.
        #expect(Set(store.infoHashes(from: 2, count: 9)) == Set(hashes.prefix(4)))
        // A replaced swarm no longer counts against its announcer.
        #expect(store.peerCount == 4)
        for last in 1...20 {
            _ = store.insert(.v4(3, 3, 3, UInt32(last)), isSeed: false, in: hashes[0], near: own, at: .zero)
        }
        #expect(store.peerCount == 6)
    }

    @Test func onePartyHasItsShareAndTheStoreItsLimit() {
        var limits = DHTLimits()
        (limits.swarmsPerParty, limits.peers) = (3, 5)
        var store = PeerStore(limits: limits)
        let own = NodeID(high: 0, middle: 0, low: 0)
        let hashes = (1...9).map { NodeID(high: $0 << 32, middle: 0, low: 0) }
        for hash in hashes {
            _ = store.insert(.v4(1, 1, 1, 1), isSeed: false, in: hash, near: own, at: .zero)
        }
        #expect(store.peerCount == 3)
        for last in 2...9 as ClosedRange<UInt32> {
            _ = store.insert(.v4(1, 1, 1, last), isSeed: false, in: hashes[0], near: own, at: .zero)
        }
        #expect(store.peerCount == 5)
    }

    // MARK: Items

    @Test mutating func laterVersionsReplaceEarlierOnes() throws {
        var store = ItemStore(limits: DHTLimits())
        let author = Ed25519.PrivateKey(using: &random)
        let own = NodeID(using: &random)
        let party = Party(.v4(1, 1, 1, 1))
        func item(_ text: String, _ sequence: Int64) throws -> DHTItem {
            try DHTItem(.text(text), by: author, sequence: sequence)
        }
        func put(_ item: DHTItem, replacing: Int64? = nil, at now: Instant = .zero) -> Int? {
            do throws(KRPCError) {
                try store.insert(item, replacing: replacing, from: party, near: own, at: now)
                return nil
            } catch { return error.code }
        }
        #expect(put(try item("a", 1), replacing: 99) == nil, "there is no stored version to compare")
        #expect(put(try item("a", 1), at: .seconds(60)) == nil, "anyone may put a stored item again")
        #expect(put(try item("b", 1)) == KRPCError.outdated)
        #expect(put(try item("b", 0)) == KRPCError.outdated)
        #expect(put(try item("b", 2), replacing: 0) == KRPCError.conflict)
        #expect(put(try item("b", 2), replacing: 1) == nil)
        let target = try item("b", 2).target
        #expect(store[target] == (try item("b", 2)))
        store.expire(at: .seconds(2 * 3_600 - 1))
        #expect(store.count == 1)
        store.expire(at: .seconds(2 * 3_600 + 60))
        #expect(store.count == 0)
    }

    @Test mutating func itemsAreBoundedAndTheNearestStay() throws {
        var limits = DHTLimits()
        (limits.items, limits.itemsPerParty) = (8, 20)
        var store = ItemStore(limits: limits)
        let own = NodeID(using: &random)
        let items = try (0..<40).map { try DHTItem(.integer($0)) }
        var refused = 0
        for (index, item) in items.enumerated() {
            let party = Party(.v4(1, 1, 1, UInt32(index / 30)))
            do throws(KRPCError) {
                try store.insert(item, replacing: nil, from: party, near: own, at: .zero)
            } catch { refused += 1 }
        }
        #expect(store.count == 8)
        #expect(refused > 0)
        let kept = items.filter { store[$0.target] != nil }.map { $0.target.distance(to: own) }
        let best = items.map { $0.target.distance(to: own) }.sorted().prefix(8)
        #expect(kept.sorted() == Array(best))
    }

    @Test func onePartyPutsAFewItems() {
        var limits = DHTLimits()
        limits.itemsPerParty = 3
        var store = ItemStore(limits: limits)
        let own = NodeID(high: 0, middle: 0, low: 0)
        for number in 0..<12 as Range<Int64> {
            let party = Party(.v4(1, 1, 1, number < 9 ? 1 : 2))
            try? store.insert(DHTItem(.integer(number)), replacing: nil, from: party, near: own, at: .zero)
        }
        #expect(store.count == 6)
    }

    // MARK: Memory

    @Test func recentTablesForgetTheFirst() {
        var table = RecentTable<Int, Int>(capacity: 3)
        for key in 1...5 { table.set(10 * key, for: key) }
        #expect((1...5).map { table[$0] } == [nil, nil, 30, 40, 50])
        #expect(
            table.update(4, orInsert: 0) {
                $0 += 1; return $0
            } == 41
        )
        #expect(table.update(9, orInsert: 7) { $0 } == 7)
        #expect(table[3] == nil && table.count == 3)
    }
}
