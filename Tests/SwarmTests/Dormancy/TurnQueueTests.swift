// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

@testable import RucheSwarm

@Suite struct TurnQueueTests {
    /// Compared with a plain sorted list: every entry whose turn differs is among those that are named.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func changesAreNamed(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let limit = Int.random(in: 0...4, using: &random)
        var queue = TurnQueue(limit: limit)
        var model: Set<Int> = []
        for _ in 0..<200 {
            let before = Set(model.sorted().prefix(limit))
            let number = Int.random(in: 0..<12, using: &random)
            let isIn = model.contains(number)
            let changed = isIn ? queue.remove(number) : queue.insert(number)
            if isIn { model.remove(number) } else { model.insert(number) }
            let after = Set(model.sorted().prefix(limit))
            #expect(before.symmetricDifference(after).isSubset(of: changed), "seed \(seed)")
            #expect(model.allSatisfy { queue.hasTurn($0) == after.contains($0) }, "seed \(seed)")
        }
    }
}
