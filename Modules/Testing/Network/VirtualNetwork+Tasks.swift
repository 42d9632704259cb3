// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Asynchronous code on virtual time.
extension VirtualNetwork {
    /// Runs `body` as a task, and the network with it until the task has ended. Returns its result.
    ///
    /// The task, its child tasks and the actors that it calls run on the network's thread, in an order that a seed replays.
    /// Tasks that they start by `Task { … }` run elsewhere: code that must replay does not do that.
    ///
    /// - Throws: What `body` throws.
    package func perform<Output: Sendable>(_ body: sending @escaping @isolated(any) () async throws -> Output) throws
        -> Output
    {
        let outcome = TaskOutcome<Output>()
        time.adopt()
        Task(executorPreference: VirtualExecutor(time)) {
            do { outcome.result = .success(try await body()) } catch { outcome.result = .failure(error) }
        }
        let forever = Instant(nanoseconds: .max)
        while true {
            if let result = outcome.result { return try result.get() }
            if !step(until: forever) { time.waitForOthers() }
        }
    }
}

/// What a task has come to.
private final class TaskOutcome<Output: Sendable>: @unchecked Sendable {  // confined to the network's thread
    var result: Result<Output, any Error>?
}
