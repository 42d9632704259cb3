// SPDX-License-Identifier: Apache-2.0

/// Incremental hashes of several messages side by side, some times faster than one after the other: a processor's units
/// for hashing are idle most of the time with one message alone.
///
/// Owner: one thread at a time. `append` only notes where the bytes are; `run` hashes what was noted for all streams, so
/// call it once a round, after appending about equally much to each. Nothing is allocated after `init`.
public struct HashStreams<Digest: HashDigest>: ~Copyable {
    @usableFromInline let streams: LaneStreams

    /// So many streams, numbered from 0, each ready for a message.
    @inlinable
    public init(count: Int) { streams = LaneStreams(Digest.algorithm, count: count) }

    /// Messages that have to wait together for this processor to be at its best; 1 where it gains nothing from several.
    @inlinable
    public static var bestCount: Int { LaneStreams.width(Digest.algorithm) }

    /// Streams there are.
    @inlinable
    public var count: Int { streams.count }

    /// Takes more of the message of `stream`. The bytes have to stay where they are until `run`.
    @inlinable
    public mutating func append(_ bytes: UnsafeRawBufferPointer, to stream: Int) { streams.append(bytes, to: stream) }

    /// Hashes all that was appended.
    @inlinable
    public mutating func run() { streams.run() }

    /// The digests of the messages of `streams`, which begin afresh.
    @inlinable
    public mutating func finish(_ streams: Range<Int>) -> [Digest] {
        var digests: [Digest] = []
        finish(streams) { digests.append($1) }
        return digests
    }

    /// Calls `body` with the number and digest of each of `streams`, which begin afresh.
    @inlinable
    public mutating func finish(_ streams: Range<Int>, _ body: (Int, Digest) -> Void) {
        self.streams.finish(streams)
        for stream in streams {
            var digest = Digest()
            digest.withUnsafeMutableBytes { self.streams.takeDigest(of: stream, into: $0) }
            body(stream, digest)
        }
    }

    /// Forgets what `stream` has taken of a message.
    @inlinable
    public mutating func reset(_ stream: Int) { streams.reset(stream) }
}
