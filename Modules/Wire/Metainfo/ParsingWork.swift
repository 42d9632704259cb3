// SPDX-License-Identifier: Apache-2.0

/// Counts the work of parsing one torrent, in bytes looked at, and ends it once nobody waits for the outcome.
package final class ParsingWork {
    /// Bytes between two looks at whether to go on.
    private static let stride = 1 << 18

    /// Bytes of names and lists dealt with.
    package private(set) var byteCount = 0
    private var nextLook = stride
    private let isCancelled: () -> Bool

    /// Work that ends when its task is cancelled, unless another condition is given.
    package init(isCancelled: @escaping () -> Bool = { Task.isCancelled }) { self.isCancelled = isCancelled }

    /// Counts `byteCount` more. Throws `.cancelled` where parsing must not go on.
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
