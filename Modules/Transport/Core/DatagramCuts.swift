// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Splits a buffer of equal-sized datagrams into writes that the system accepts.
///
/// Linux takes at most 64 segments (`UDP_MAX_SEGMENTS`) and one IP packet's worth of payload per call, and silently
/// drops a call that exceeds the latter. Without offload, each datagram is a separate write.
struct DatagramCuts {
    /// Datagrams in one write with segmentation offload (`UDP_SEGMENT`).
    static let offloadSegments = 64
    /// Bytes in one write with offload: less than the 65,507 of an IPv4 packet, with room for IPv6 and options.
    static let offloadBytes = 64_000

    private var bytes: ByteBuffer
    private let segmentBytes: Int
    private let writeBytes: Int

    init(_ bytes: ByteBuffer, segmentBytes: Int, hasOffload: Bool) {
        let segment = max(1, segmentBytes)
        self.bytes = bytes
        self.segmentBytes = segment
        let segments = hasOffload ? max(1, min(Self.offloadSegments, Self.offloadBytes / segment)) : 1
        writeBytes = segments * segment
    }

    /// Returns the next write: its bytes, and its segment length if it contains more than one datagram.
    mutating func next() -> (bytes: ByteBuffer, segmentBytes: Int?)? {
        guard bytes.readableBytes > 0, let write = bytes.readSlice(length: min(writeBytes, bytes.readableBytes)) else {
            return nil
        }
        return (write, write.readableBytes > segmentBytes ? segmentBytes : nil)
    }
}
