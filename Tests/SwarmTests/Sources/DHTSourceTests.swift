// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheSwarm

struct DHTSourceTests {
    /// A swarm that has just begun is looked for soon again, and one that stays small does not burden the DHT.
    @Test(arguments: [(0, 4), (1, 4), (2, 8), (3, 16), (4, 32), (5, 60), (.max, 60)] as [(UInt64, Int64)])
    func searchesForPeersBecomeRarer(count: UInt64, seconds: Int64) {
        #expect(DHTSource.pause(after: count) == .seconds(seconds))
    }
}
