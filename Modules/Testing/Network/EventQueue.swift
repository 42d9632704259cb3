// SPDX-License-Identifier: Apache-2.0

internal import HeapModule
internal import NIOCore
internal import RucheWire

/// The scheduled events, ordered by time. Events of the same moment keep the order in which they were scheduled.
///
/// A `Timeline` owns it. The heap holds only small keys; the events are stored beside it and never move.
struct EventQueue {
    /// A scheduled event.
    enum Event {
        /// Bytes arrive at this end.
        case arrival(VirtualStream, ByteBuffer)
        /// This end learns that its connection has ended.
        case end(VirtualStream)
        /// The host's uplink has finished sending a segment.
        case uplinkFree(VirtualHost)
        /// Anything else.
        case call(() -> Void)
        /// A task of a loop.
        case task(VirtualTask)

        /// The event will not happen.
        func drop() { if case .task(let task) = self { task.drop() } }
    }

    private struct Key: Comparable {
        let at: Instant
        let number: UInt64
        let place: Int

        static func < (a: Self, b: Self) -> Bool { a.at != b.at ? a.at < b.at : a.number < b.number }
        static func == (a: Self, b: Self) -> Bool { a.number == b.number }
    }

    private var keys = Heap<Key>()
    private var events: [Event?] = []
    private var free: [Int] = []
    private var number: UInt64 = 0

    /// When the next event is due; nil if none is scheduled.
    var nextTime: Instant? { keys.min?.at }

    /// Schedules `event`.
    mutating func insert(_ event: Event, at instant: Instant) {
        let place = free.popLast() ?? events.count
        if place == events.count { events.append(event) } else { events[place] = event }
        keys.insert(Key(at: instant, number: number, place: place))
        number += 1
    }

    /// Removes and returns the next event.
    mutating func next() -> (at: Instant, event: Event)? {
        guard let key = keys.popMin(), let event = events[key.place] else { return nil }
        events[key.place] = nil
        free.append(key.place)
        return (key.at, event)
    }
}
