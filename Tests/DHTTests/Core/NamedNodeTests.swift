// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheDHT

/// Nodes of which only a name is known, which a proxy resolves: they have a stand-in for an address.
struct NamedNodeTests {
    private let bench = CoreBench()
    private let standIn = PeerEndpoint.v4(240, 0, 0, 1)

    /// It leads to others, but nobody is told of an address that means something else to them.
    @Test func aStandInIsAskedAndNotKept() throws {
        bench.act { core, batch in core.addNamedNodes([standIn], in: &batch) }
        bench.act { core, batch in core.handleTimer(in: &batch) }
        let query = try #require(bench.sent.first { $0.to == standIn })
        let other = NodeContact(at: .v4(70, 1, 1, 1), using: &bench.random)
        var response = KRPCResponse(from: NodeID(using: &bench.random))
        response.nodes = [other]
        let message = KRPCMessage(transaction: try KRPCMessage(parsing: query.bytes).transaction, .response(response))
        _ = bench.handle(message.encoded, from: .v4(240, 0, 0, 2))
        #expect(!bench.sent.contains { $0.to == other.endpoint }, "another stand-in was not asked")
        _ = bench.handle(message.encoded, from: standIn)
        #expect(bench.sent.contains { $0.to == other.endpoint })
        #expect(bench.core.families[0].table.count == 0)
    }
}
