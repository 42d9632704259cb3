// SPDX-License-Identifier: Apache-2.0

/// Counts the work of parsing one torrent in bytes, and stops it once the result is no longer needed.
package final class ParsingWork {
    /// Bytes between two checks for cancellation.
    private static let stride = 1 << 18

    /// Bytes of names and lists processed.
    package private(set) var byteCount = 0
    private var nextLook = stride
    private let isCancelled: () -> Bool

    /// By default the work stops when its task is cancelled.
    package init(isCancelled: @escaping () -> Bool = { Task.isCancelled }) { self.isCancelled = isCancelled }

    /// Adds `byteCount`. Throws `.cancelled` if parsing must stop.
    func note(_ byteCount: Int) throws(MetainfoError) {
        self.byteCount += byteCount
        guard self.byteCount >= nextLook else { return }
        nextLook = self.byteCount + Self.stride
        guard isCancelled() else { return }
        throw MetainfoError(
            .cancelled,
            field: "torrent",
            at: 0,
            expected: "to be read to the end",
            found: "a cancelled task"
        )
    }
}
