// SPDX-License-Identifier: Apache-2.0

/// A received packet: its header, and where in the datagram the rest lies. Holds no bytes, so parsing allocates nothing.
package struct UTPPacket: Hashable, Sendable {
    /// The most extensions that are followed; a packet with more is malformed.
    static let extensionLimit = 8

    package var header: UTPHeader
    /// Where the bits of the selective ack are; empty where there is none.
    package private(set) var selectiveAck = 0..<0
    /// Where the payload is; may be empty.
    package private(set) var payload: Range<Int>

    /// Parses `datagram`; nil where it is no uTP packet, or its extensions (BEP 29, "extension") do not fit it. Unknown
    /// extensions are skipped, as are the bits of a selective ack that are not whole words of 32.
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

/// Kinds of extensions.
package enum UTPExtension {
    /// BEP 29, "Selective ACK".
    package static let selectiveAck: UInt8 = 1
    /// Ours: zeros that make a packet as long as a datagram that is tried (`PathMTU`). Others skip it, as the BEP says.
    package static let padding: UInt8 = 0x50
    /// The most bits of a selective ack: whole words in the 255 bytes of an extension.
    package static let selectiveAckBits = 252 * 8
}
