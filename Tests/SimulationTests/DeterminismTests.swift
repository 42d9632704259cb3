// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@Suite struct DeterminismTests {
    private func trace(_ seed: UInt64) throws -> TraceHash {
        let large = try LargeSwarm(seed: seed)
        large.swarm.run(for: .seconds(60))
        return large.swarm.network.trace
    }

    @Test func `The same seed makes the same run, another another`() throws {
        let first = try trace(1)
        #expect(try trace(1) == first)
        #expect(try trace(2) != first)
    }
}
