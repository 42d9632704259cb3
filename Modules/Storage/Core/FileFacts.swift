// SPDX-License-Identifier: Apache-2.0

/// What shows, without reading it, that a file has changed.
public struct FileFacts: Hashable, Sendable {
    /// The size in bytes.
    public var size: Int
    /// The modification time in nanoseconds since 1970.
    public var modifiedNanoseconds: Int64
    /// Whether the file is complete and no longer written to.
    public var isFinished: Bool

    /// `size` is in bytes, `modifiedNanoseconds` counts from 1970.
    public init(size: Int, modifiedNanoseconds: Int64, isFinished: Bool) {
        self.size = size
        self.modifiedNanoseconds = modifiedNanoseconds
        self.isFinished = isFinished
    }
}
