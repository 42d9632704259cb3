// SPDX-License-Identifier: Apache-2.0

import RucheWire

/// Events in order of time, then of insertion.
struct EventQueue<Event> {
    private struct Entry {
        let time: Instant
        let order: Int
        let event: Event

        func isBefore(_ other: Entry) -> Bool { (time, order) < (other.time, other.order) }
    }

    private var heap: [Entry] = []
    private var count = 0

    var nextTime: Instant? { heap.first?.time }

    mutating func append(_ event: Event, at time: Instant) {
        count += 1
        heap.append(Entry(time: time, order: count, event: event))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func popFirst() -> (time: Instant, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                var least = parent
                for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                    if heap[child].isBefore(heap[least]) { least = child }
                }
                if least == parent { break }
                heap.swapAt(parent, least)
                parent = least
            }
        }
        return (first.time, first.event)
    }
}
