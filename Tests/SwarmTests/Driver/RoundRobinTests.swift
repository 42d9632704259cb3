// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RucheSwarm

@Suite struct RoundRobinTests {
    @Test(arguments: 1...7)
    func `Each comes first in turn, and none is left out`(count: Int) {
        var turns = RoundRobin()
        let rounds = (0..<count).map { _ in turns.next(of: Array(0..<count)) }
        #expect(Set(rounds.map { $0[0] }).count == count)
        #expect(rounds.allSatisfy { $0.sorted() == Array(0..<count) })
    }

    @Test func `Their number may change`() {
        var turns = RoundRobin()
        for _ in 0..<5 { _ = turns.next(of: [1, 2, 3]) }
        #expect(turns.next(of: [Int]()).isEmpty)
        #expect(turns.next(of: [7]) == [7])
    }
}
