// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheTransport
internal import RucheWire

extension DHTDriver {
    /// Reports the node's status to `continuation` now and every `interval`.
    func watch(every interval: Interval, _ continuation: AsyncStream<DHTStatus>.Continuation) {
        whenOnLoop { driver, state in
            guard !state.isStopped else { return continuation.finish() }
            let number = state.watcherCount
            state.watcherCount += 1
            let rate = MessageRate()
            let timer = driver.port.loop.scheduleRepeatedTask(initialDelay: .zero, delay: TimeAmount(interval)) { _ in
                driver.whenOnLoop { _, state in
                    var status = DHTStatus(state.core, at: .now)
                    status.messagesPerSecond = rate.next(status.receivedCount + status.sentCount, at: .now)
                    continuation.yield(status)
                }
            }
            state.watchers[number] = Watcher(continuation: continuation, timer: timer)
            continuation.onTermination = { _ in
                driver.whenOnLoop { _, state in state.watchers.removeValue(forKey: number)?.timer.cancel() }
            }
        }
    }
}

/// Messages per second between two calls. Confined to one loop.
private final class MessageRate: @unchecked Sendable {
    private var last: (count: Int, at: Instant)?

    func next(_ count: Int, at now: Instant) -> Double {
        defer { last = (count, now) }
        guard let last, now > last.at else { return 0 }
        return Double(count - last.count) / (now - last.at).seconds
    }
}
