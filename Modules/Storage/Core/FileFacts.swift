// SPDX-License-Identifier: Apache-2.0

/// What tells, without reading it, whether a file changed underneath us.
public struct FileFacts: Hashable, Sendable {
    /// Bytes.
    public var size: Int
    /// Time of the last modification, since 1970.
    public var modifiedNanoseconds: Int64
    /// Whether the file is complete, so that nobody writes to it any more.
    public var isFinished: Bool

    /// Facts by their parts.
    public init(size: Int, modifiedNanoseconds: Int64, isFinished: Bool) {
        self.size = size
        self.modifiedNanoseconds = modifiedNanoseconds
        self.isFinished = isFinished
    }
}
