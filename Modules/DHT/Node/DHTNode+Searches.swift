// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

extension DHTNode {
    /// Runs a search to its end. Cancelling the task ends the search.
    func search(_ goal: SearchGoal) async throws(DHTError) -> SearchResult {
        let (stream, continuation) = AsyncStream.makeStream(of: Result<SearchResult, DHTError>.self)
        let waiting = DHTDriver.Waiting(
            found: { _ in },
            finished: { result in
                continuation.yield(result.flatMap(\.answered))
                continuation.finish()
            }
        )
        driver.whenOnLoop { driver, state in
            guard let number = driver.start(goal, &state, waiting) else { return }
            continuation.onTermination = { reason in
                guard case .cancelled = reason else { return }
                driver.whenOnLoop { driver, state in driver.cancel(number, &state) }
            }
        }
        for await result in stream { return try result.get() }
        throw DHTError(.stopped, "cancelled")
    }
}

extension SearchResult {
    /// The result, if any node answered.
    var answered: Result<SearchResult, DHTError> {
        answeredCount > 0 ? .success(self) : .failure(DHTError(.noNodes, "\(queryCount) queries were sent"))
    }
}

extension Result {
    /// The error, if it is one.
    var failure: Failure? {
        if case .failure(let error) = self { return error }
        return nil
    }
}
