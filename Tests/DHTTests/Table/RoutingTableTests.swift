// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheDHT

struct RoutingTableTests {
    private var random = SeededRandom(seed: 7)
    private let own = NodeID(high: 0, middle: 0, low: 0)
    private let limits = DHTLimits()

    /// A node at an address in a network of its own, whose id shares `shared` bits with ours and does not match the
    /// address.
    private mutating func contact(_ number: Int, shared: Int) -> NodeContact {
        let endpoint = PeerEndpoint.v4(60, UInt32(number / 200), UInt32(number % 200), 1)
        var id = NodeID(using: &random)
        while id.isAllowed(at: endpoint.address) || own.distance(to: id).sharedBits != shared {
            id = own.invertingBit(shared).prefix(shared + 1, followedBy: NodeID(using: &random))
        }
        return NodeContact(id: id, endpoint: endpoint)
    }

    /// A node whose id shares `shared` bits with ours and matches its address.
    private mutating func fitContact(shared: Int) throws -> NodeContact {
        let contacts = (1...2_000).map { NodeContact(at: .v4(90, $0 / 200, $0 % 200, 1), using: &random) }
        return try #require(contacts.first { own.distance(to: $0.id).sharedBits == shared })
    }

    @Test mutating func theNearestAreFoundFirst() {
        var table = RoutingTable(own: own, limits: limits, at: .zero)
        for number in 0..<600 { table.handleAnswer(of: contact(number, shared: number % 7), at: .zero) }
        #expect(table.count > 200)
        for _ in 0..<200 {
            let target = NodeID(using: &random)
            let nearest = table.nearest(to: target, count: 8)
            let all = table.nodes.map(\.contact).sorted {
                $0.id.distance(to: target) < $1.id.distance(to: target)
            }
            #expect(nearest == Array(all.prefix(8)))
        }
        #expect(table.nearest(to: own, count: 1_000).count == table.count)
    }

    @Test mutating func aFullBucketKeepsItsNodesUntilTheyAreBad() throws {
        var table = RoutingTable(own: own, limits: limits, at: .zero)
        let nodes = (0..<12).map { contact($0, shared: 6) }
        for node in nodes { table.handleAnswer(of: node, at: .zero) }
        #expect(table.nodes.map(\.contact) == Array(nodes.prefix(8)))
        table.handleFailure(of: nodes[2], at: .seconds(1))
        #expect(table.contains(nodes[2]), "one lost datagram is not enough")
        table.handleAnswer(of: nodes[2], at: .seconds(2))
        table.handleFailure(of: nodes[2], at: .seconds(3))
        table.handleFailure(of: nodes[2], at: .seconds(4))
        #expect(!table.contains(nodes[2]))
        #expect(table.contains(nodes[11]), "the newest one that waits takes the place")
    }

    /// BEP 42: nodes that could not choose their ids take precedence over those that could.
    @Test mutating func nodesWhoseIdsFitReplaceOthers() throws {
        var table = RoutingTable(own: own, limits: limits, at: .zero)
        for number in 0..<8 { table.handleAnswer(of: contact(number, shared: 5), at: .zero) }
        let fit = try fitContact(shared: 5)
        #expect(table.wants(fit))
        table.handleAnswer(of: fit, at: .zero)
        #expect(table.contains(fit) && table.count == 8)
        let unfit = contact(101, shared: 5)
        #expect(!table.wants(unfit))
        table.handleAnswer(of: unfit, at: .zero)
        #expect(!table.contains(unfit))
    }

    @Test mutating func oneNetworkHoldsFewPlaces() {
        var table = RoutingTable(own: own, limits: limits, at: .zero)
        for last in 1...250 {
            let endpoint = PeerEndpoint.v4(70, 1, 1, UInt32(last))
            for _ in 0..<20 {
                table.handleAnswer(of: NodeContact(id: NodeID(using: &random), endpoint: endpoint), at: .zero)
            }
        }
        #expect(table.count <= limits.neighboursPerTable)
        #expect(table.buckets.allSatisfy { $0.nodes.count <= limits.neighboursPerBucket })
        #expect(Set(table.nodes.map(\.contact.endpoint)).count == table.count)
    }

    /// An endpoint keeps its id, so no node can displace another by claiming its id.
    @Test mutating func noNodeTakesAnothersId() {
        var table = RoutingTable(own: own, limits: limits, at: .zero)
        let node = contact(1, shared: 3)
        table.handleAnswer(of: node, at: .zero)
        table.handleAnswer(of: NodeContact(id: node.id, endpoint: .v4(80, 1, 1, 1)), at: .zero)
        #expect(table.nodes.map(\.contact) == [node])
    }

    @Test mutating func silentNodesAreDoubtedAndQuietBucketsLookedUp() throws {
        var table = RoutingTable(own: own, limits: limits, at: .zero)
        let nodes = (0..<3).map { contact($0, shared: $0) }
        for (index, node) in nodes.enumerated() { table.handleAnswer(of: node, at: .seconds(index)) }
        #expect(table.goodCount(at: .seconds(60)) == 3)
        #expect(table.stalest(at: .seconds(60)) == nil)
        #expect(table.stalest(at: .seconds(500)) == nodes[0])
        table.handleQuery(to: nodes[0], at: .seconds(500))
        #expect(table.stalest(at: .seconds(500)) == nodes[1])
        #expect(table.goodCount(at: .seconds(901)) == 2)
        #expect(table.staleBucket(at: .seconds(900)) == nil)
        #expect(table.staleBucket(at: .seconds(901)) == 0)
        table.handleRefresh(ofBucket: 0, at: .seconds(901))
        #expect(table.staleBucket(at: .seconds(902)) == 1)
        for index in 0..<160 {
            #expect(table.bucketIndex(of: table.randomTarget(inBucket: index, using: &random)) == index)
        }
    }
}
