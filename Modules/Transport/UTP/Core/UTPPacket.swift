// SPDX-License-Identifier: Apache-2.0

/// A received packet: its header, and the ranges of its parts in the datagram. Holds no bytes, so parsing allocates
/// nothing.
package struct UTPPacket: Hashable, Sendable {
    /// Extensions that are followed; a packet with more is malformed.
    static let extensionLimit = 8

    package var header: UTPHeader
    /// The range of the selective ack's bits; empty if there is none.
    package private(set) var selectiveAck = 0..<0
    /// The range of the payload; may be empty.
    package private(set) var payload: Range<Int>

    /// Parses `datagram`; nil if it is not a uTP packet, or its extensions (BEP 29, "extension") exceed it. Unknown
    /// extensions are skipped, as are bits of a selective ack that do not fill a 32-bit word.
    package init?(parsing datagram: RawSpan) {
        guard let header = UTPHeader(parsing: datagram) else { return nil }
        self.header = header
        var next = datagram.unsafeLoad(fromByteOffset: 1, as: UInt8.self)
        var offset = UTPHeader.byteCount
        var count = 0
        while next != 0 {
            guard offset + 2 <= datagram.byteCount, count < Self.extensionLimit else { return nil }
            let kind = next
            next = datagram.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            let length = Int(datagram.unsafeLoad(fromByteOffset: offset + 1, as: UInt8.self))
            offset += 2
            guard offset + length <= datagram.byteCount else { return nil }
            if kind == UTPExtension.selectiveAck, length >= 4, selectiveAck.isEmpty {
                selectiveAck = offset..<offset + length / 4 * 4
            }
            offset += length
            count += 1
        }
        payload = offset..<datagram.byteCount
    }
}

/// The kinds of extensions.
package enum UTPExtension {
    /// BEP 29, "Selective ACK".
    package static let selectiveAck: UInt8 = 1
    /// Our own: zeros that lengthen a packet to a probe's length (`PathMTU`). Other implementations skip it, as BEP 29
    /// requires.
    package static let padding: UInt8 = 0x50
    /// Maximum bits in a selective ack: whole words in the 255 bytes of an extension.
    package static let selectiveAckBits = 252 * 8
}
