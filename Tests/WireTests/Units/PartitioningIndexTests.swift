// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

struct PartitioningIndexTests {
    @Test("The index divides the elements that do not satisfy the predicate from those that do")
    func everyPlace() {
        for count in 0...40 {
            for place in 0...count {
                let elements = (0..<count).map { $0 >= place }
                #expect(elements.partitioningIndex { $0 } == place)
                // A slice does not begin at zero.
                #expect(([false, false] + elements)[2...].partitioningIndex { $0 } == place + 2)
            }
        }
    }
}
