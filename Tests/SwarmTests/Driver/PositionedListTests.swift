// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

@testable import RucheSwarm

/// The order of a driver's connections.
struct PositionedListTests {
    private final class Item: Positioned {
        let number: Int
        var position: Int?

        init(_ number: Int) { self.number = number }
    }

    /// Two runs of the same events, whose objects have different addresses in memory.
    @Test(arguments: [UInt64(1), 2, 3])
    func orderFollowsFromEventsAlone(seed: UInt64) {
        let runs = (0..<2).map { _ in
            var random = SeededRandom(seed: seed)
            var list = PositionedList<Item>()
            var items: [Item] = []
            for number in 0..<2_000 {
                if items.isEmpty || Int.random(in: 0..<5, using: &random) < 3 {
                    items.append(Item(number))
                    list.insert(items[items.count - 1])
                } else {
                    let item = items.remove(at: .random(in: items.indices, using: &random))
                    #expect(list.contains(item) && list.remove(item) && !list.contains(item))
                }
                #expect(list.all.count == items.count)
            }
            #expect(list.all.enumerated().allSatisfy { $1.position == $0 })
            #expect(Set(list.all.map(\.number)) == Set(items.map(\.number)))
            return list.all.map(\.number)
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0].count > 100)
    }

    @Test func repeatedInsertionsAndRemovalsAreIgnored() {
        var list = PositionedList<Item>()
        let items = (0..<3).map(Item.init)
        for item in items + items { list.insert(item) }
        #expect(list.all.map(\.number) == [0, 1, 2])
        #expect(list.remove(items[0]) && !list.remove(items[0]))
        #expect(list.all.map(\.number) == [2, 1])
        for item in list.all { list.remove(item) }
        #expect(list.isEmpty && items.allSatisfy { $0.position == nil })
    }
}
