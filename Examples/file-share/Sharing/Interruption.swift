// SPDX-License-Identifier: Apache-2.0

import Foundation
import UnixSignals

/// Ctrl-C and its like: the first cancels the work, so that it ends in an orderly way; the second ends the process.
enum Interruption {
    /// The status that shells expect of whoever was interrupted.
    static let exitStatus: Int32 = 130

    /// Does `work`, and returns what it returns, interrupted or not.
    static func cancelling<R: Sendable>(_ work: @escaping @Sendable () async throws -> R) async throws -> R {
        let work = Task { try await work() }
        // For the rest of the process's life: what follows the work can be interrupted too.
        Task {
            var isSecond = false
            for await _ in await UnixSignalsSequence(trapping: [.sigint, .sigterm]) {
                if isSecond { exit(exitStatus) }
                isSecond = true
                work.cancel()
            }
        }
        return try await work.value
    }
}
