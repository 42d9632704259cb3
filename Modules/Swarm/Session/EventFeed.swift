// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Events from one writer to any number of readers, each with its own limited buffer.
final class EventFeed<Event: Sendable>: Sendable {
    private let state = Locked(State())
    private let bufferLimit: Int

    private struct State {
        var readers: [Int: AsyncStream<Event>.Continuation] = [:]
        var nextReader = 0
        var isFinished = false
    }

    /// A reader that is `bufferLimit` events behind misses the oldest.
    init(bufferLimit: Int = 256) { self.bufferLimit = bufferLimit }

    func subscribe() -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self,
            bufferingPolicy: .bufferingNewest(bufferLimit)
        )
        let reader = state.withLock { state -> Int? in
            guard !state.isFinished else { return nil }
            state.nextReader += 1
            state.readers[state.nextReader] = continuation
            return state.nextReader
        }
        guard let reader else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.readers[reader] = nil } }
        return stream
    }

    /// Whether there is any reader.
    var hasReaders: Bool { state.withLock { !$0.readers.isEmpty } }

    func send(_ event: Event) {
        for reader in state.withLock({ Array($0.readers.values) }) { reader.yield(event) }
    }

    func finish() {
        let readers = state.withLock { state in
            state.isFinished = true
            defer { state.readers = [:] }
            return Array(state.readers.values)
        }
        for reader in readers { reader.finish() }
    }
}
