// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Calls a closure once at a set time, unless it is set anew first.
///
/// Owner: an announcer, under the lock of its state.
struct Alarm: Sendable {
    private var pending: (time: Instant, task: Task<Void, Never>)?

    /// Sets the alarm for `time`, or for never if nil. `ring` is then called with that time, on any thread, and must
    /// call `handleRung`.
    mutating func set(for time: Instant?, at now: Instant, ring: @escaping @Sendable (Instant) -> Void) {
        guard time != pending?.time else { return }
        pending?.task.cancel()
        pending = time.map { time in
            let nanoseconds = UInt64(max(0, (time - now).nanoseconds))
            let task = Task {
                guard (try? await Task.sleep(nanoseconds: nanoseconds)) != nil else { return }
                ring(time)
            }
            return (time, task)
        }
    }

    /// Records that the alarm rang for `time`, so it may be set for the same time again.
    mutating func handleRung(for time: Instant) {
        if pending?.time == time { pending = nil }
    }

    mutating func cancel() {
        pending?.task.cancel()
        pending = nil
    }
}
