// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Waits no longer than some time.
package enum Deadline {
    /// What `operation` returns, or nil where it takes longer than `limit` or the caller is cancelled. The operation is
    /// cancelled then, but nobody waits for it: some questions, such as a name's lookup, can't be taken back.
    package static func wait<Output: Sendable>(
        atMost limit: Interval,
        for operation: @escaping @Sendable () async -> Output
    ) async -> Output? {
        let (results, continuation) = AsyncStream.makeStream(of: Output.self, bufferingPolicy: .bufferingOldest(1))
        let work = Task {
            continuation.yield(await operation())
            continuation.finish()
        }
        let alarm = Task {
            try? await Task.sleep(nanoseconds: UInt64(max(0, limit.nanoseconds)))
            continuation.finish()
        }
        defer {
            work.cancel()
            alarm.cancel()
        }
        for await result in results { return result }
        return nil
    }
}
