// SPDX-License-Identifier: Apache-2.0

import RucheDHT
import RucheTransport
import RucheWire

/// The loops of all nodes in tests on real sockets.
let nodeRuntime = TransportRuntime(loopCount: 2, blockingThreadCount: 1)

extension LocalBinding {
    static let loopback = LocalBinding(addresses: [.loopback])
}

extension IPAddress {
    static let loopback = IPAddress(v4: 0x7f00_0001)
}

/// Runs a test with nodes that know each other: all bootstrap from the first.
func withDHTNodes(_ count: Int, _ body: ([DHTNode]) async throws -> Void) async throws {
    var nodes: [DHTNode] = []
    for _ in 0..<count {
        let configuration = DHTConfiguration(bootstrap: nodes.first?.endpoints ?? [])
        nodes.append(try await DHTNode.open(binding: .loopback, configuration: configuration, runtime: nodeRuntime))
    }
    for node in nodes where count > 1 {
        while try await node.status().nodeCount < min(count - 1, 8) { try await Task.sleep(for: .milliseconds(10)) }
    }
    do { try await body(nodes) } catch {
        for node in nodes { await node.close() }
        throw error
    }
    for node in nodes { await node.close() }
}
