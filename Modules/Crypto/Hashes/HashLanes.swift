// SPDX-License-Identifier: Apache-2.0

/// Hashes many whole messages, such as the leaves or nodes of a tree, several at once in SIMD lanes.
///
/// Use it from one thread at a time. It allocates its buffers once; a call allocates only the array it returns.
package struct HashLanes<Digest: HashDigest>: ~Copyable {
    /// Messages per batch: a multiple of the lanes that any processor has.
    @usableFromInline static var batchCount: Int { 64 }

    @usableFromInline var streams = HashStreams<Digest>(count: batchCount)

    /// Creates a hasher and allocates its buffers.
    @inlinable
    package init() {}

    /// Returns the digest of a single message.
    @inlinable
    package mutating func hash(_ message: UnsafeRawBufferPointer) -> Digest {
        var digest = Digest()
        hash(1, message: { _ in message }, result: { digest = $1 })
        return digest
    }

    /// Returns the digests of `messages`, in the same order.
    @inlinable
    package mutating func hash(_ messages: [UnsafeRawBufferPointer]) -> [Digest] {
        var digests: [Digest] = []
        digests.reserveCapacity(messages.count)
        hash(messages.count, message: { messages[$0] }, result: { digests.append($1) })
        return digests
    }

    /// Splits `bytes` into messages of `byteCount` bytes, of which the last may be shorter, and appends their digests.
    @inlinable
    package mutating func hash(partsOf bytes: UnsafeRawBufferPointer, of byteCount: Int, into digests: inout [Digest]) {
        let count = (bytes.count + byteCount - 1) / byteCount
        digests.reserveCapacity(digests.count + count)
        hash(
            count,
            message: { index in
                let start = index * byteCount
                return UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + byteCount, bytes.count)])
            },
            result: { digests.append($1) }
        )
    }

    /// Hashes `count` messages in batches.
    ///
    /// `result` receives the digests in order, once the whole batch has been hashed. It may therefore overwrite the
    /// memory of the message it is called for, and of the messages before that one.
    @inlinable
    package mutating func hash(
        _ count: Int,
        message: (Int) -> UnsafeRawBufferPointer,
        result: (Int, Digest) -> Void
    ) {
        var first = 0
        while first < count {
            let batch = min(count - first, Self.batchCount)
            for index in 0..<batch { streams.append(message(first + index), to: index) }
            streams.finish(0..<batch) { result(first + $0, $1) }
            first += batch
        }
    }
}
