// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheWire

/// One datagram, or several from one sender that the system joined on receipt.
public struct Datagram: Sendable {
    /// The source endpoint. Unverified: UDP senders can be forged.
    public var sender: PeerEndpoint
    /// The payload of one datagram, or of several in a row.
    public var bytes: ByteBuffer
    /// The length of each joined datagram; the last may be shorter. At least 1, and at least `bytes.readableBytes` if
    /// nothing was joined.
    public var segmentBytes: Int

    /// Creates joined datagrams of `segmentBytes` each, or a single one if nil.
    public init(_ bytes: ByteBuffer, from sender: PeerEndpoint, segmentBytes: Int? = nil) {
        self.sender = sender
        self.bytes = bytes
        self.segmentBytes = max(1, segmentBytes ?? bytes.readableBytes)
    }

    /// Removes and returns the next single datagram; nil at the end. An empty datagram yields nothing.
    public mutating func nextSegment() -> ByteBuffer? {
        guard bytes.readableBytes > 0 else { return nil }
        return bytes.readSlice(length: min(segmentBytes, bytes.readableBytes))
    }
}
