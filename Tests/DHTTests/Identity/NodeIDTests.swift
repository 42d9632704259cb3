// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheDHT

struct NodeIDTests {
    /// BEP 42, "test vectors".
    @Test(
        arguments: [
            ("124.31.75.21", "5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401"),
            ("21.75.31.124", "5a3ce9c14e7a08645677bbd1cfe7d8f956d53256"),
            ("65.23.51.170", "a5d43220bc8f112a3d426c84764f8c2a1150e616"),
            ("84.124.73.14", "1b0321dd1bb1fe518101ceef99462b947a01ff41"),
            ("43.213.53.83", "e56f6cbf5b7c4be0237986d5243b87aa6d51305a"),
        ]
    )
    func vectorsFitTheirAddressesAndNoOther(address: String, id: String) throws {
        let id = try #require(SHA1Digest(hex: id).map(NodeID.init))
        #expect(id.isAllowed(at: try #require(PeerEndpoint("\(address):1")).address))
        #expect(!id.isAllowed(at: try #require(PeerEndpoint("8.8.8.8:1")).address))
        #expect(!id.invertingBit(20).isAllowed(at: try #require(PeerEndpoint("\(address):1")).address))
    }

    @Test(arguments: ["1.2.3.4:1", "203.0.113.77:1", "[2001:db8:1:2::3]:1", "[2a02:1234::1]:1"])
    func madeIdsFit(text: String) throws {
        let address = try #require(PeerEndpoint(text)).address
        var random = SeededRandom(seed: 1)
        let ids = (0..<50).map { _ in NodeID(at: address, using: &random) }
        #expect(ids.allSatisfy { $0.isAllowed(at: address) })
        #expect(Set(ids).count == 50)
        // Eight values of the last three bits, each with its own prefix.
        #expect(Set(ids.map { $0.high >> 43 }).count <= 8)
    }

    @Test func privateAddressesAreExempt() throws {
        var random = SeededRandom(seed: 2)
        for text in ["10.1.2.3:1", "192.168.3.4:1", "127.0.0.1:1", "[::1]:1"] {
            #expect(NodeID(using: &random).isAllowed(at: try #require(PeerEndpoint(text)).address), "\(text)")
        }
        #expect(!NodeID(using: &random).isAllowed(at: try #require(PeerEndpoint("9.1.2.3:1")).address))
    }

    @Test func distancesAreExclusiveOr() {
        let zero = NodeID(high: 0, middle: 0, low: 0)
        let near = NodeID(high: 0, middle: 0, low: 1)
        let far = NodeID(high: 1 << 63, middle: 0, low: 0)
        #expect(zero.distance(to: near) < zero.distance(to: far))
        #expect(near.distance(to: far) == far.distance(to: near))
        #expect(zero.distance(to: zero).sharedBits == 160)
        #expect(zero.distance(to: near).sharedBits == 159)
        #expect(zero.distance(to: far).sharedBits == 0)
        #expect(zero.distance(to: far).share == 0.5)
    }

    @Test func bitsAreInvertedOneByOneAndPrefixesJoined() {
        var random = SeededRandom(seed: 3)
        let (first, second) = (NodeID(using: &random), NodeID(using: &random))
        for bit in 0..<160 {
            #expect(first.distance(to: first.invertingBit(bit)).sharedBits == bit)
            let joined = first.prefix(bit, followedBy: second)
            #expect(joined.distance(to: first).sharedBits >= bit)
            #expect(joined.prefix(bit, followedBy: first) == first)
        }
        #expect(first.prefix(160, followedBy: second) == first)
        #expect(NodeID(first.bytes) == first)
    }

    /// Each neighbourhood has one vote, so one network cannot change our id.
    @Test func addressesNeedTheVotesOfSeveralNetworks() throws {
        let ours = try #require(PeerEndpoint("5.6.7.8:1")).address
        var votes = AddressVotes(needed: 3)
        func vote(_ voter: String) throws -> IPAddress? {
            votes.note(ours, from: try #require(PeerEndpoint(voter)).address)
        }
        #expect(try vote("1.1.1.1:1") == nil)
        #expect(try vote("1.1.1.2:1") == nil)
        #expect(try vote("1.1.1.3:1") == nil)
        #expect(try vote("1.1.2.1:1") == nil)
        #expect(try vote("192.168.1.1:1") == nil)
        #expect(try vote("1.1.3.1:1") == ours)
        #expect(votes.note(try #require(PeerEndpoint("10.0.0.1:1")).address, from: ours) == nil)
    }
}
