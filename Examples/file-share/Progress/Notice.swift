// SPDX-License-Identifier: Apache-2.0

/// Shows a message after a second of waiting, unless it is cancelled first.
struct Notice {
    private let task: Task<Void, any Error>

    init(_ say: @escaping @Sendable () -> Void) {
        task = Task {
            try await Task.sleep(for: .seconds(1))
            say()
        }
    }

    /// Cancels the message, because the wait is over.
    func cancel() { task.cancel() }
}
