// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Makes requests wait for their turn, as `RequestQueue` decides.
///
/// Owner: `TrackerClient`.
final class RequestGate: Sendable {
    private enum Turn: Sendable {
        case admitted, full, stopped
    }

    private struct State {
        var queue: RequestQueue
        var waiting: [RequestQueue.ID: CheckedContinuation<Turn, Never>] = [:]
        var lastID: RequestQueue.ID = 0
        var isClosed = false

        /// Those whose turn has come, to be resumed outside the lock.
        mutating func takeAdmitted() -> [CheckedContinuation<Turn, Never>] {
            var admitted: [CheckedContinuation<Turn, Never>] = []
            while let id = queue.nextAdmitted() {
                if let continuation = waiting.removeValue(forKey: id) { admitted.append(continuation) }
            }
            return admitted
        }
    }

    private let state: Mutex<State>

    init(limits: TrackersLimits) { state = Mutex(State(queue: RequestQueue(limits: limits))) }

    /// Runs `request` when `host` has room. Throws `.limit` where too many wait, `.stopped` when cancelled or closed.
    func run<Output: Sendable>(
        at host: String,
        _ request: () async throws(TrackerFailure) -> Output
    ) async throws(TrackerFailure) -> Output {
        switch await waitForTurn(at: host) {
        case .admitted: break
        case .full: throw TrackerFailure(.limit, "too many requests to trackers wait already")
        case .stopped: throw TrackerFailure(.stopped, "no request is made any more")
        }
        defer { leave(host) }
        return try await request()
    }

    /// Whoever waits gets `.stopped`, now and later.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            for id in state.waiting.keys { state.queue.handleCancelled(id) }
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume(returning: .stopped) }
    }

    private func waitForTurn(at host: String) async -> Turn {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enqueue(continuation, id, host)
                // A cancellation before that found nobody to wake.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func enqueue(_ continuation: CheckedContinuation<Turn, Never>, _ id: RequestQueue.ID, _ host: String) {
        let (refusal, admitted) = state.withLock { state -> (Turn?, [CheckedContinuation<Turn, Never>]) in
            guard !state.isClosed else { return (.stopped, []) }
            guard state.queue.handleRequest(id, to: host) else { return (.full, []) }
            state.waiting[id] = continuation
            return (nil, state.takeAdmitted())
        }
        if let refusal { continuation.resume(returning: refusal) }
        for next in admitted { next.resume(returning: .admitted) }
    }

    private func cancel(_ id: RequestQueue.ID) {
        let continuation = state.withLock { state in
            let continuation = state.waiting.removeValue(forKey: id)
            if continuation != nil { state.queue.handleCancelled(id) }
            return continuation
        }
        continuation?.resume(returning: .stopped)
    }

    private func leave(_ host: String) {
        let admitted = state.withLock { state in
            state.queue.handleFinished(at: host)
            return state.takeAdmitted()
        }
        for next in admitted { next.resume(returning: .admitted) }
    }
}
