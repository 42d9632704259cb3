// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore

/// Parts of a body that wait to be taken.
///
/// A part is a slice that keeps all of the read alive which it came with. So small ones are copied together: what waits
/// takes memory in proportion to `byteCount`, however it was cut.
///
/// Owner: `HTTPConnection`.
struct BodyBacklog {
    /// Parts below this are copied.
    static let smallPartByteCount = 4 * 1024
    /// What a part takes beside its bytes.
    static let partOverhead = 256

    private var parts: Deque<ByteBuffer> = []
    /// The last part was copied, and has room for more.
    private var isLastCopied = false
    /// Bytes that wait, and the overhead of their parts.
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
