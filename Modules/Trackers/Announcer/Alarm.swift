// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Calls once at the time that it is set for, unless that is changed before.
///
/// Owner: an announcer, within the lock of its state.
struct Alarm: Sendable {
    private var pending: (time: Instant, task: Task<Void, Never>)?

    /// Sets it for `time`, nil for never. `ring` is called then, with that time, on no particular thread; it has to call
    /// `handleRung`.
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

    /// It has rung for `time`: it may be set for the same again.
    mutating func handleRung(for time: Instant) {
        if pending?.time == time { pending = nil }
    }

    mutating func cancel() {
        pending?.task.cancel()
        pending = nil
    }
}
