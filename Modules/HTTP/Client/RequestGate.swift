// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Makes requests wait for their turn, as `RequestQueue` decides.
///
/// Owner: a client, `HTTPClient` or the one of the trackers.
package final class RequestGate: Sendable {
    /// Why a request gets no turn.
    package enum Refusal: Error {
        /// Too many requests are waiting.
        case full
        /// The gate is closed, or the task is cancelled.
        case stopped
    }

    private enum Turn: Sendable {
        case admitted
        case refused(Refusal)
    }

    private struct State {
        var queue: RequestQueue
        var waiting: [RequestQueue.ID: CheckedContinuation<Turn, Never>] = [:]
        var lastID: RequestQueue.ID = 0
        var isClosed = false

        /// Returns the continuations whose turn has come. The caller resumes them outside the lock.
        mutating func takeAdmitted() -> [CheckedContinuation<Turn, Never>] {
            var admitted: [CheckedContinuation<Turn, Never>] = []
            while let id = queue.nextAdmitted() {
                if let continuation = waiting.removeValue(forKey: id) { admitted.append(continuation) }
            }
            return admitted
        }
    }

    private let state: Locked<State>

    package init(_ queue: RequestQueue) { state = Locked(State(queue: queue)) }

    /// Waits until `host` has room. The caller ends its turn with `leave`.
    package func enter(_ host: String) async throws(Refusal) {
        switch await waitForTurn(at: host) {
        case .admitted: return
        case .refused(let refusal): throw refusal
        }
    }

    /// Ends a turn at `host`.
    package func leave(_ host: String) {
        let admitted = state.withLock { state in
            state.queue.handleFinished(at: host)
            return state.takeAdmitted()
        }
        for next in admitted { next.resume(returning: .admitted) }
    }

    /// Refuses all waiting and future requests with `.stopped`.
    package func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            for id in state.waiting.keys { state.queue.handleCancelled(id) }
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume(returning: .refused(.stopped)) }
    }

    private func waitForTurn(at host: String) async -> Turn {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enqueue(continuation, id, host)
                // If the task was cancelled earlier, `onCancel` found no continuation to resume.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func enqueue(_ continuation: CheckedContinuation<Turn, Never>, _ id: RequestQueue.ID, _ host: String) {
        let (refusal, admitted) = state.withLock { state -> (Turn?, [CheckedContinuation<Turn, Never>]) in
            guard !state.isClosed else { return (.refused(.stopped), []) }
            guard state.queue.handleRequest(id, to: host) else { return (.refused(.full), []) }
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
        continuation?.resume(returning: .refused(.stopped))
    }
}
