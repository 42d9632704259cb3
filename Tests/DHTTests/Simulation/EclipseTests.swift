// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheDHT

/// An attacker with many addresses wants to hide an item.
struct EclipseTests {
    /// 1,000 addresses in 40 networks of 256. BEP 42 allows each address several ids; the attacker uses the nearest to
    /// the item. His nodes issue tokens, store nothing, and name only each other.
    @Test func readersAreNotHeldUpByManyAddresses() throws {
        let world = DHTWorld(seed: 11, .init(nodeCount: SimulationScale.attackedCount))
        world.warm()
        let count = SimulationScale.attackerCount
        var figures = ReadingFigures()
        for value in 0..<5 {
            let item = try DHTItem(.text("hidden \(value)"))
            let attack = Eclipse(of: item.target, addressCount: count, networkCount: count / 25, in: world)
            attack.enter(world)
            let writer = try #require(world.alive.randomElement(using: &world.random))
            let put = try #require(world.search(.put(item, replacing: nil), on: writer))
            world.run(seconds: 60) { world.results[put] != nil }
            #expect(attack.queryCount > 0, "lookups reach the attacker")
            let read = world.read([item], readers: 60)
            figures.add(read)
            attack.leave(world)
        }
        print("FIGURE eclipse by \(count) addresses in \(count / 25) networks: \(figures)")
        #expect(figures.readCount == 300)
        #expect(figures.foundShare >= 0.99)
    }
}

/// The nodes of one attacker around a target.
final class Eclipse {
    private(set) var contacts: [NodeContact] = []
    private(set) var queryCount = 0
    private let target: NodeID

    init(of target: NodeID, addressCount: Int, networkCount: Int, in world: DHTWorld) {
        self.target = target
        let networks = (0..<networkCount).map { _ in world.freshEndpoint().address.low >> 8 }
        for index in 0..<addressCount {
            let low = networks[index % networkCount] << 8 | UInt64(index / networkCount)
            let endpoint = PeerEndpoint(address: IPAddress(v4: UInt32(low)), port: 6881)
            let ids = (0..<200).map { _ in NodeID(at: endpoint.address, using: &world.random) }
            guard let nearest = ids.min(by: { $0.distance(to: target) < $1.distance(to: target) }) else { continue }
            // The bits that the address does not determine are the target's, except the last three, and all ids differ.
            let tail = NodeID(high: target.high, middle: target.middle, low: UInt32(index) << 3 | nearest.low & 7)
            contacts.append(NodeContact(id: nearest.prefix(21, followedBy: tail), endpoint: endpoint))
        }
        contacts.sort { $0.id.distance(to: target) < $1.id.distance(to: target) }
    }

    /// Announces itself: every node that would have a place near the target is sent a query.
    func enter(_ world: DHTWorld) {
        for contact in contacts {
            world.strangers[contact.endpoint] = { [unowned self] world, bytes, sender, receiver in
                answer(bytes, from: sender, at: receiver, in: world)
            }
        }
        let nearest = world.alive.sorted { a, b in
            world.nodes[a].core.families[0].own.distance(to: target)
                < world.nodes[b].core.families[0].own.distance(to: target)
        }
        for (rank, node) in nearest.prefix(200).enumerated() {
            for offset in 0..<10 {
                let contact = contacts[(rank + offset * 7) % min(200, contacts.count)]
                let ping = KRPCMessage(transaction: [1], .query(KRPCQuery(from: contact.id, .ping)))
                world.send(ping.encoded, from: contact.endpoint, to: world.nodes[node].endpoint)
            }
        }
        world.run(seconds: 30)
    }

    func leave(_ world: DHTWorld) {
        for contact in contacts { world.strangers[contact.endpoint] = nil }
    }

    private func answer(_ bytes: [UInt8], from sender: PeerEndpoint, at own: PeerEndpoint, in world: DHTWorld) {
        guard let message = try? KRPCMessage(parsing: bytes), case .query(let query) = message.body,
            let me = contacts.first(where: { $0.endpoint == own })
        else { return }
        queryCount += 1
        var response = KRPCResponse(from: me.id)
        switch query.method {
        case .get(let wanted, _), .findNode(let wanted):
            let nearest = contacts.sorted { $0.id.distance(to: wanted) < $1.id.distance(to: wanted) }
            response.nodes = Array(nearest.prefix(16))
            response.token = [1]
        default: break
        }
        let answer = KRPCMessage(transaction: message.transaction, .response(response), observedEndpoint: sender)
        world.send(answer.encoded, from: own, to: sender)
    }
}
