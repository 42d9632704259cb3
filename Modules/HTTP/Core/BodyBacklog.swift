// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore

/// Parts of a body that wait for the caller.
///
/// A part is a slice that keeps the whole read it came with alive. Small parts are copied together, so the memory in
/// use stays proportional to `byteCount` however the body was split.
///
/// Owner: `HTTPConnection`.
struct BodyBacklog {
    /// Parts smaller than this many bytes are copied.
    static let smallPartByteCount = 4 * 1024
    /// Bytes of memory that a part takes in addition to its content.
    static let partOverhead = 256

    private var parts: Deque<ByteBuffer> = []
    /// Whether the last part is a copy that can take more bytes.
    private var isLastCopied = false
    /// Bytes that wait, plus the overhead of their parts.
    private(set) var byteCount = 0

    var isEmpty: Bool { parts.isEmpty }
    var partCount: Int { parts.count }

    mutating func append(_ part: ByteBuffer) {
        let isSmall = part.readableBytes < Self.smallPartByteCount
        if isSmall, isLastCopied, let last = parts.indices.last, parts[last].readableBytes < Self.smallPartByteCount {
            byteCount += part.readableBytes
            parts[last].writeImmutableBuffer(part)
            return
        }
        byteCount += part.readableBytes + Self.partOverhead
        parts.append(isSmall ? ByteBuffer(bytes: part.readableBytesView) : part)
        isLastCopied = isSmall
    }

    mutating func popFirst() -> ByteBuffer? {
        guard let part = parts.popFirst() else { return nil }
        byteCount -= part.readableBytes + Self.partOverhead
        return part
    }
}
