// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Makes requests wait for their turn, as `RequestQueue` decides.
///
/// Owner: a client, `HTTPClient` or that of trackers.
package final class RequestGate: Sendable {
    /// Why a request gets no turn.
    package enum Refusal: Error {
        /// Too many wait.
        case full
        /// The gate is closed, or the task cancelled.
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

    package init(_ queue: RequestQueue) { state = Mutex(State(queue: queue)) }

    /// Waits until `host` has room; each turn ends with `leave`.
    package func enter(_ host: String) async throws(Refusal) {
        switch await waitForTurn(at: host) {
        case .admitted: return
        case .refused(let refusal): throw refusal
        }
    }

    /// A turn at `host` is over.
    package func leave(_ host: String) {
        let admitted = state.withLock { state in
            state.queue.handleFinished(at: host)
            return state.takeAdmitted()
        }
        for next in admitted { next.resume(returning: .admitted) }
    }

    /// All who wait get `.stopped`, now and later.
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
                // A cancellation before that found nobody to wake.
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
