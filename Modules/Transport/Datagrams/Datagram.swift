// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheWire

/// One datagram, or several of one sender that the system joined on their way in.
public struct Datagram: Sendable {
    /// Where it came from. Unverified: UDP senders can be forged.
    public var sender: PeerEndpoint
    /// The payload of one datagram, or of several one after the other.
    public var bytes: ByteBuffer
    /// The length of each joined datagram; the last may be shorter. At least 1, and at least `bytes.readableBytes` where
    /// nothing was joined.
    public var segmentBytes: Int

    /// Joined datagrams of `segmentBytes` each; nil for a single one.
    public init(_ bytes: ByteBuffer, from sender: PeerEndpoint, segmentBytes: Int? = nil) {
        self.sender = sender
        self.bytes = bytes
        self.segmentBytes = max(1, segmentBytes ?? bytes.readableBytes)
    }

    /// Takes the next single datagram off the front; nil once all are taken. A single empty datagram yields nothing.
    public mutating func nextSegment() -> ByteBuffer? {
        guard bytes.readableBytes > 0 else { return nil }
        return bytes.readSlice(length: min(segmentBytes, bytes.readableBytes))
    }
}
