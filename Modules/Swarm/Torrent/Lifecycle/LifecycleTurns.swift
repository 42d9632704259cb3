// SPDX-License-Identifier: Apache-2.0

/// Work that must not overlap: each task starts once all before it have ended.
///
/// Owner: a `TorrentLifecycle`, an actor, which lets others in whenever its work waits.
struct LifecycleTurns {
    private var last: Task<Void, any Error>?
    private var pending: [Int: Task<Void, any Error>] = [:]
    private var count = 0

    /// Adds `work` as a task, which the caller ends with `remove`.
    mutating func append(_ work: @escaping @Sendable () async throws -> Void) -> (Int, Task<Void, any Error>) {
        let before = last
        let task = Task {
            _ = await before?.result
            try Task.checkCancellation()
            try await work()
        }
        count += 1
        last = task
        pending[count] = task
        return (count, task)
    }

    mutating func remove(_ number: Int) { pending[number] = nil }

    /// Cancels all tasks. Returns them to be waited for.
    func cancel() -> [Task<Void, any Error>] {
        for task in pending.values { task.cancel() }
        return Array(pending.values)
    }
}
