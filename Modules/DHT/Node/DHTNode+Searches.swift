// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

extension DHTNode {
    /// Runs a search to its end. Cancelling the task ends the search.
    func search(_ goal: SearchGoal) async throws(DHTError) -> SearchResult { try await outcome(of: goal).get() }

    /// Runs a search to its end, and returns its result or why there is none. Cancelling the task ends the search.
    func outcome(of goal: SearchGoal) async -> Result<SearchResult, DHTError> {
        let (stream, continuation) = AsyncStream.makeStream(of: Result<SearchResult, DHTError>.self)
        let waiting = DHTDriver.Waiting(
            found: { _ in },
            finished: { result in
                continuation.yield(result.flatMap(\.answered))
                continuation.finish()
            }
        )
        start(goal, waiting) { cancel in
            continuation.onTermination = { reason in if case .cancelled = reason { cancel() } }
        }
        for await result in stream { return result }
        return .failure(DHTError(.stopped, "cancelled"))
    }

    /// Runs a search and yields what `pick` selects from its results. Cancelling the sequence ends the search.
    func stream<Element: Sendable>(
        _ goal: SearchGoal,
        _ pick: @escaping @Sendable (DHTEffect) -> Element?
    ) -> AsyncThrowingStream<Element, any Error> {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: Element.self)
        let waiting = DHTDriver.Waiting(
            found: { effect in if let element = pick(effect) { continuation.yield(element) } },
            finished: { result in continuation.finish(throwing: result.flatMap(\.answered).failure) }
        )
        start(goal, waiting) { cancel in
            continuation.onTermination = { reason in if case .cancelled = reason { cancel() } }
        }
        return stream
    }

    /// Starts a search on the loop, and passes a way to cancel it to `onStart`.
    private func start(
        _ goal: SearchGoal,
        _ waiting: DHTDriver.Waiting,
        onStart: @escaping @Sendable (_ cancel: @escaping @Sendable () -> Void) -> Void
    ) {
        driver.whenOnLoop { driver, state in
            guard let number = driver.start(goal, &state, waiting) else { return }
            onStart { driver.whenOnLoop { driver, state in driver.cancel(number, &state) } }
        }
    }
}

extension SearchResult {
    /// The result, if any node answered.
    var answered: Result<SearchResult, DHTError> {
        answeredCount > 0 ? .success(self) : .failure(DHTError(.noNodes, "\(queryCount) queries were sent"))
    }
}

extension Result {
    /// The error, if there is one.
    var failure: Failure? {
        if case .failure(let error) = self { return error }
        return nil
    }
}
