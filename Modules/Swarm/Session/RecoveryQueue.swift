// SPDX-License-Identifier: Apache-2.0

internal import HeapModule
internal import RucheTransport
internal import RucheWire
internal import Synchronization

/// Torrents that could not be opened, each until its next attempt is due. It contains only numbers, whether torrents
/// are dormant or active.
///
/// Owner: the session. However many there are, for example when a disk with thousands of torrents is not mounted, no
/// more than a hundred attempts per second are due.
final class RecoveryQueue: Sendable {
    /// The time between two attempts, across all torrents.
    static let spacing = Interval.milliseconds(10)

    private struct Entry: Comparable {
        let time: Instant
        let number: Int

        static func < (a: Entry, b: Entry) -> Bool { (a.time, a.number) < (b.time, b.number) }
    }

    private struct State {
        var heap = Heap<Entry>()
        var waiting: Set<Int> = []
        var sleeper: Task<Void, Never>?
        var wakesAt = Instant.zero
        var isClosed = false
    }

    private let state = Mutex(State())
    private let onDue: @Sendable (Int) -> Void

    /// Creates a queue. `onDue` is called with a torrent's number, on any thread.
    init(onDue: @escaping @Sendable (Int) -> Void) { self.onDue = onDue }

    func add(_ number: Int, after pause: Interval) {
        state.withLock { state in
            guard !state.isClosed, state.waiting.insert(number).inserted else { return }
            let now = Instant.now
            let time = now + max(pause, Self.spacing * Int64(state.waiting.count))
            state.heap.insert(Entry(time: time, number: number))
            sleep(&state, at: now)
        }
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.sleeper?.cancel()
            state.sleeper = nil
            state.heap = Heap()
        }
    }

    /// Sleeps until the first attempt is due.
    private func sleep(_ state: inout State, at now: Instant) {
        guard let first = state.heap.min, !state.isClosed else { return }
        if state.sleeper != nil, state.wakesAt <= first.time { return }
        state.sleeper?.cancel()
        state.wakesAt = first.time
        let nanoseconds = UInt64(max(0, (first.time - now).nanoseconds))
        state.sleeper = Task { [weak self] in
            guard (try? await Task.sleep(nanoseconds: nanoseconds)) != nil else { return }
            self?.wake()
        }
    }

    private func wake() {
        let due = state.withLock { state -> [Int] in
            let now = Instant.now
            var due: [Int] = []
            while let first = state.heap.min, first.time <= now {
                state.heap.removeMin()
                state.waiting.remove(first.number)
                due.append(first.number)
            }
            state.sleeper = nil
            sleep(&state, at: now)
            return due
        }
        for number in due { onDue(number) }
    }
}
