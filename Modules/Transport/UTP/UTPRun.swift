// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Datagrams of one destination, one after the other, as the port wants them: all of the same length, but the last.
struct UTPRun {
    /// What was appended since the last run was taken.
    var bytes = ByteBuffer()

    private var segmentBytes = 0
    /// Bytes of the run that are known to belong to it.
    private var byteCount = 0
    /// A shorter one ends its run.
    private var isEnded = false

    /// 45 segments of 1,400 bytes: a system call takes 64 KiB at most, and drops longer ones without a word.
    private static let mostBytes = 63_000

    /// `length` bytes were appended. Returns the run before them, where they do not belong to it.
    mutating func handleAppended(_ length: Int) -> (bytes: ByteBuffer, segmentBytes: Int?)? {
        let fits = !isEnded && length <= segmentBytes && byteCount + length <= Self.mostBytes
        guard byteCount > 0, !fits else {
            if byteCount == 0 {
                segmentBytes = length
                // Full-length packets come in numbers.
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
