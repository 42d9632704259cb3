// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Waits with a time limit.
package enum Deadline {
    /// Returns the result of `operation`, or nil if it takes longer than `limit` or the caller is cancelled. The
    /// operation is then cancelled but not awaited, because some operations, such as a name lookup, cannot be
    /// interrupted.
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
