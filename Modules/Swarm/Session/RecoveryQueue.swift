// SPDX-License-Identifier: Apache-2.0

internal import HeapModule
internal import NIOCore
internal import RucheTransport
internal import RucheWire

/// Torrents that could not be opened, each until its next attempt is due. It contains only numbers, whether torrents
/// are dormant or awake.
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
        var alarm: Scheduled<Void>?
        var wakesAt = Instant.zero
        var isClosed = false
    }

    private let loop: any EventLoop
    private let state: NIOLoopBoundBox<State>
    private let onDue: @Sendable (Int) -> Void

    /// `onDue` is called with a torrent's number, on `loop`.
    init(on loop: any EventLoop, onDue: @escaping @Sendable (Int) -> Void) {
        self.loop = loop
        self.onDue = onDue
        state = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: loop)
    }

    /// Adds a torrent, unless it waits already. From any thread.
    func add(_ number: Int, after pause: Interval) {
        loop.execute { [self] in
            guard !state.value.isClosed, state.value.waiting.insert(number).inserted else { return }
            let now = Instant(loop.now)
            let time = now + max(pause, Self.spacing * Int64(state.value.waiting.count))
            state.value.heap.insert(Entry(time: time, number: number))
            setAlarm()
        }
    }

    func close() {
        loop.execute { [self] in
            state.value.alarm?.cancel()
            state.value = State(isClosed: true)
        }
    }

    /// Wakes when the first torrent is due.
    private func setAlarm() {
        guard let first = state.value.heap.min else { return }
        if state.value.alarm != nil, state.value.wakesAt <= first.time { return }
        state.value.alarm?.cancel()
        state.value.wakesAt = first.time
        state.value.alarm = loop.scheduleTask(deadline: NIODeadline(first.time)) { [weak self] in self?.wake() }
    }

    private func wake() {
        let now = Instant(loop.now)
        state.value.alarm = nil
        while let first = state.value.heap.min, first.time <= now {
            state.value.heap.removeMin()
            state.value.waiting.remove(first.number)
            onDue(first.number)
        }
        setAlarm()
    }
}
