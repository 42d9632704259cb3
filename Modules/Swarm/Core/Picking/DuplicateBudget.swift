// SPDX-License-Identifier: Apache-2.0

/// The bytes that may be requested twice for one purpose. `PiecePicker` owns it.
struct DuplicateBudget: Sendable {
    private var takenByteCount = 0

    /// Takes `byteCount` bytes if they are within a share of the bytes accepted so far, or within what may always be taken.
    /// Returns whether they are.
    mutating func take(_ byteCount: Int, perMille: Int, of acceptedByteCount: Int, atLeast: Int) -> Bool {
        guard takenByteCount + byteCount <= max(acceptedByteCount / 1000 * perMille, atLeast) else { return false }
        takenByteCount += byteCount
        return true
    }
}
