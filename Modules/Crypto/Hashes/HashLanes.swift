// SPDX-License-Identifier: Apache-2.0

/// Hashes many whole messages at once, several side by side: the leaves and nodes of trees, for instance.
///
/// Owner: one thread at a time. Reusable: nothing is allocated for a call but what it returns.
public struct HashLanes<Digest: HashDigest>: ~Copyable {
    /// Messages on their way at once: a few times as many as any processor has lanes.
    @usableFromInline static var batchCount: Int { 64 }

    @usableFromInline var streams = HashStreams<Digest>(count: batchCount)

    /// Ready for messages.
    @inlinable
    public init() {}

    /// The digest of one message.
    @inlinable
    public mutating func hash(_ message: UnsafeRawBufferPointer) -> Digest {
        var digest = Digest()
        hash(1, message: { _ in message }, result: { digest = $1 })
        return digest
    }

    /// The digests of `messages`, in their order.
    @inlinable
    public mutating func hash(_ messages: [UnsafeRawBufferPointer]) -> [Digest] {
        var digests: [Digest] = []
        digests.reserveCapacity(messages.count)
        hash(messages.count, message: { messages[$0] }, result: { digests.append($1) })
        return digests
    }

    /// Appends the digests of `bytes` cut into messages of `byteCount`; only the last may be short.
    @inlinable
    public mutating func hash(partsOf bytes: UnsafeRawBufferPointer, of byteCount: Int, into digests: inout [Digest]) {
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

    /// Hashes `count` messages. `result` gets their digests in order, always after `message` was asked for some more:
    /// results may go where messages before them were.
    @inlinable
    public mutating func hash(
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
