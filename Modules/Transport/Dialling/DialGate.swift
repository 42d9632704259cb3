// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheWire

/// Limits the dials under way, and the queue of those that wait for a place.
///
/// Owner: `PeerDialer`; called from any loop. First come, first served.
final class DialGate: Sendable {
    /// Starts a dial, or fails it if the gate closes first.
    typealias Job = @Sendable (TransportError?) -> Void

    private let limit: Int
    private let queueLimit: Int
    private let state = Locked(State())

    private struct State {
        var active = 0
        var waiting: Deque<Job> = []
        var isClosed = false
    }

    init(limit: Int, queueLimit: Int) {
        self.limit = limit
        self.queueLimit = queueLimit
    }

    var counts: (active: Int, waiting: Int) {
        state.withLock { ($0.active, $0.waiting.count) }
    }

    /// Starts `job` now or later. Each started job must call `leave` at its end.
    func enter(_ job: @escaping Job) {
        let (isAdmitted, refusal) = state.withLock { state -> (Bool, TransportError?) in
            if state.isClosed { return (false, TransportError(.stopped, "dial")) }
            if state.active < limit {
                state.active += 1
                return (true, nil)
            }
            if state.waiting.count < queueLimit {
                state.waiting.append(job)
                return (false, nil)
            }
            return (false, TransportError(.limit, "dial, because \(queueLimit) dials are waiting"))
        }
        if isAdmitted || refusal != nil { job(refusal) }
    }

    /// Ends a dial, so the next one may start.
    func leave() {
        let next = state.withLock { state -> Job? in
            if let next = state.waiting.popFirst() { return next }
            state.active -= 1
            return nil
        }
        next?(nil)
    }

    /// Fails all waiting and future dials.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for job in waiting { job(TransportError(.stopped, "dial")) }
    }
}
