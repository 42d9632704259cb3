// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Calls a blocking resolver, on one thread per question, as `LookupTurns` decides.
///
/// A thread that waits for an unresponsive name server delays only its own question, and the number of threads is
/// limited. Owner: the process, which the resolver belongs to.
final class NameLookup: Sendable {
    static let shared = NameLookup(limits: TransportLimits(), resolve: SystemNames.resolve)

    /// The addresses, empty if the name has none; or why the lookup could not be made.
    typealias Answer = Result<[IPAddress], TransportError>

    private struct State {
        var turns: LookupTurns
        var waiting: [String: [UInt64: CheckedContinuation<Answer, Never>]] = [:]
        var lastID: UInt64 = 0
    }

    private let resolve: @Sendable (String) -> Answer
    private let state: Locked<State>

    /// `resolve` may block for any time.
    init(limits: TransportLimits, resolve: @escaping @Sendable (String) -> Answer) {
        self.resolve = resolve
        state = Locked(State(turns: LookupTurns(limits: limits)))
    }

    /// The number of running lookups.
    var askedCount: Int { state.withLock { $0.turns.askedCount } }

    func addresses(of name: String, within limit: Interval) async throws(TransportError) -> [IPAddress] {
        if let address = IPAddress(name) { return [address] }
        // An embedded zero would truncate the name and look up another host.
        guard !name.isEmpty, name.utf8.count <= 255, !name.utf8.contains(0) else { return [] }
        guard let answer = await Deadline.wait(atMost: limit, for: { await self.wait(for: name) }) else {
            throw TransportError(.timeout, "look up \(name)")
        }
        return try answer.get()
    }

    private func wait(for name: String) async -> Answer {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enter(name, id, continuation)
                // If the task was cancelled earlier, `onCancel` found no continuation to resume.
                if Task.isCancelled { leave(name, id) }
            }
        } onCancel: {
            leave(name, id)
        }
    }

    private func enter(_ name: String, _ id: UInt64, _ continuation: CheckedContinuation<Answer, Never>) {
        let turn = state.withLock { state in
            let turn = state.turns.handleQuestion(name)
            if turn != .refuse { state.waiting[name, default: [:]][id] = continuation }
            return turn
        }
        switch turn {
        case .ask: ask(name)
        case .wait: break
        case .refuse:
            let error = TransportError(.exhausted, "look up \(name): too many names are waiting")
            continuation.resume(returning: .failure(error))
        }
    }

    private func leave(_ name: String, _ id: UInt64) {
        let continuation = state.withLock { state in
            let continuation = state.waiting[name]?.removeValue(forKey: id)
            if state.waiting[name]?.isEmpty == true {
                state.waiting[name] = nil
                state.turns.handleAbandoned(name)
            }
            return continuation
        }
        continuation?.resume(returning: .failure(TransportError(.stopped, "look up \(name)")))
    }

    private func ask(_ name: String) {
        let hasThread = DetachedThread.run { self.handleAnswer(name, self.resolve(name)) }
        if !hasThread {
            handleAnswer(name, .failure(TransportError(.exhausted, "look up \(name): no thread is left")))
        }
    }

    private func handleAnswer(_ name: String, _ answer: Answer) {
        let isFound = (try? answer.get())?.isEmpty == false
        let (waiting, next) = state.withLock { state in
            state.turns.handleAnswer(name, isFound: isFound)
            var next: [String] = []
            while let name = state.turns.nextQuestion() { next.append(name) }
            return (state.waiting.removeValue(forKey: name) ?? [:], next)
        }
        for continuation in waiting.values { continuation.resume(returning: answer) }
        for name in next { ask(name) }
    }
}
