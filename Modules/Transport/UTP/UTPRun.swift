// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Consecutive datagrams for one destination in the form that the port expects: all of the same length, except the
/// last.
struct UTPRun {
    /// The bytes appended since the last run was taken.
    var bytes = ByteBuffer()

    private var segmentBytes = 0
    /// Bytes that are known to belong to the run.
    private var byteCount = 0
    /// Whether a shorter datagram has ended the run.
    private var isEnded = false

    /// 45 segments of 1,400 bytes: a system call takes at most 64 KiB, and silently drops longer ones.
    private static let mostBytes = 63_000

    /// Records that `length` bytes were appended. Returns the previous run if they do not belong to it.
    mutating func handleAppended(_ length: Int) -> (bytes: ByteBuffer, segmentBytes: Int?)? {
        let fits = !isEnded && length <= segmentBytes && byteCount + length <= Self.mostBytes
        guard byteCount > 0, !fits else {
            if byteCount == 0 {
                segmentBytes = length
                // Full-length packets usually come in large numbers.
                if length >= 1000 { bytes.reserveCapacity(Self.mostBytes + 1400) }
            }
            isEnded = length < segmentBytes
            byteCount += length
            return nil
        }
        let before = takeRun()
        (byteCount, segmentBytes, isEnded) = (length, length, false)
        return before
    }

    mutating func takeAll() -> (bytes: ByteBuffer, segmentBytes: Int?)? { takeRun() }

    private mutating func takeRun() -> (bytes: ByteBuffer, segmentBytes: Int?)? {
        guard byteCount > 0, let run = bytes.readSlice(length: byteCount) else { return nil }
        let rest = bytes
        bytes = ByteBuffer()
        if rest.readableBytes > 0 {
            bytes.reserveCapacity(Self.mostBytes + 1400)
            bytes.writeImmutableBuffer(rest)
        }
        byteCount = 0
        return (run, run.readableBytes > segmentBytes ? segmentBytes : nil)
    }
}
