// SPDX-License-Identifier: Apache-2.0

/// Incremental hashes of several messages at once, in SIMD lanes. This is several times as fast as hashing one after
/// the other, because a single message leaves most of a processor's execution units idle.
///
/// Use it from one thread at a time. `append` only records where the bytes are; `run` hashes what has been recorded for
/// all streams. Append a similar number of bytes to each stream before each `run`. Only `init` allocates.
package struct HashStreams<Digest: HashDigest>: ~Copyable {
    @usableFromInline let streams: LaneStreams

    /// Creates `count` streams, numbered from 0, each with an empty message.
    @inlinable
    package init(count: Int) { streams = LaneStreams(Digest.algorithm, count: count) }

    /// How many messages to hash together for the best throughput on this processor; 1 if several at once gain nothing.
    @inlinable
    package static var bestCount: Int { LaneStreams.width(Digest.algorithm) }

    /// The number of streams.
    @inlinable
    package var count: Int { streams.count }

    /// Appends `bytes` to the message of `stream`. The memory must stay valid and unchanged until `run`.
    @inlinable
    package mutating func append(_ bytes: UnsafeRawBufferPointer, to stream: Int) { streams.append(bytes, to: stream) }

    /// Hashes everything appended so far.
    @inlinable
    package mutating func run() { streams.run() }

    /// Returns the digests of `streams` and resets these streams.
    @inlinable
    package mutating func finish(_ streams: Range<Int>) -> [Digest] {
        var digests: [Digest] = []
        finish(streams) { digests.append($1) }
        return digests
    }

    /// Calls `body` with the number and the digest of each of `streams`, and resets these streams.
    @inlinable
    package mutating func finish(_ streams: Range<Int>, _ body: (Int, Digest) -> Void) {
        self.streams.finish(streams)
        for stream in streams {
            var digest = Digest()
            digest.withUnsafeMutableBytes { self.streams.takeDigest(of: stream, into: $0) }
            body(stream, digest)
        }
    }

    /// Discards what has been appended to `stream`.
    @inlinable
    package mutating func reset(_ stream: Int) { streams.reset(stream) }
}
