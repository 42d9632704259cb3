// SPDX-License-Identifier: Apache-2.0

/// Words for somebody who waits, after a second; none for what is over by then.
struct Notice {
    private let task: Task<Void, any Error>

    init(_ say: @escaping @Sendable () -> Void) {
        task = Task {
            try await Task.sleep(for: .seconds(1))
            say()
        }
    }

    /// What was waited for is here.
    func cancel() { task.cancel() }
}
