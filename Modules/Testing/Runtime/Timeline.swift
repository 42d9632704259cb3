// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import RucheWire
internal import Synchronization

/// The virtual time of a network and all that is going to happen on it: one event after another, on one thread.
///
/// Shared by the network and its loops, so that a loop may outlive its network. The thread is the one that ran the timeline
/// last. Calls from other threads wait in the inbox; a run that has any cannot be replayed.
final class Timeline: @unchecked Sendable {  // confined to one thread but for `inbox` and `thread`
    /// The current virtual time.
    private(set) var now = Instant.zero
    /// The number of events performed so far.
    private(set) var eventCount = 0
    private var queue = EventQueue()
    private var isClosed = false
    private let thread = Atomic<UInt>(Timeline.currentThread)
    private let inbox = Locked<[@Sendable () -> Void]>([])
    private let inboxCount = Atomic<Int>(0)
    private let arrival = DispatchSemaphore(value: 0)

    /// Whether the caller is on the timeline's thread.
    var isOnThread: Bool { thread.load(ordering: .relaxed) == Self.currentThread }

    private static var currentThread: UInt { UInt(bitPattern: Int(truncatingIfNeeded: pthread_self())) }

    // MARK: - Scheduling

    /// Schedules `event`, not before now. Dropped once the timeline is closed.
    func insert(_ event: EventQueue.Event, at instant: Instant) {
        guard !isClosed else { return event.drop() }
        queue.insert(event, at: max(instant, now))
    }

    /// Has `body` called on the timeline's thread, at the current time. May be called from any thread.
    func execute(_ body: @escaping @Sendable () -> Void) {
        if isOnThread { return insert(.call(body), at: now) }
        inbox.withLock { $0.append(body) }
        inboxCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
        arrival.signal()
    }

    // MARK: - Running

    /// Takes over the timeline for the calling thread.
    func adopt() { thread.store(Self.currentThread, ordering: .relaxed) }

    /// Performs the next event if it is due by `end`. Returns false if none is.
    func step(until end: Instant, _ perform: (EventQueue.Event) -> Void) -> Bool {
        if inboxCount.load(ordering: .relaxed) > 0 { emptyInbox() }
        guard let next = queue.nextTime, next <= end, let (instant, event) = queue.next() else { return false }
        now = instant
        eventCount += 1
        perform(event)
        return true
    }

    /// Moves the clock to `instant`, if that is later. No earlier event may be left.
    func advance(to instant: Instant) { now = max(now, instant) }

    /// Waits for a call from another thread, for a moment of real time.
    func waitForOthers() { _ = arrival.wait(timeout: .now() + .milliseconds(1)) }

    /// Drops all that is scheduled, now and in future.
    func close() {
        isClosed = true
        while let (_, event) = queue.next() { event.drop() }
        inbox.withLock { $0 = [] }
    }

    private func emptyInbox() {
        let calls = inbox.withLock { calls in
            defer { calls = [] }
            return calls
        }
        inboxCount.wrappingSubtract(calls.count, ordering: .sequentiallyConsistent)
        for call in calls { insert(.call(call), at: now) }
    }
}
