// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// The 20 bytes that every uTP packet starts with (BEP 29, "header format").
package struct UTPHeader: Hashable, Sendable {
    /// The purpose of a packet.
    package enum Kind: UInt8, Sendable {
        case data, fin, state, reset, syn
    }

    package static let byteCount = 20
    static let version: UInt8 = 1

    package var kind: Kind
    package var connectionID: UInt16
    /// The sender's clock at the time of sending, in microseconds.
    package var timestamp: UInt32 = 0
    /// The sender's clock minus the `timestamp` of the last packet it received, in microseconds.
    package var timestampDifference: UInt32 = 0
    /// Bytes of payload that the sender can still receive.
    package var window: UInt32 = 0
    package var sequence: UTPSequence
    /// The last packet that the sender received with none missing before it.
    package var acknowledged: UTPSequence

    package init(_ kind: Kind, connectionID: UInt16, sequence: UTPSequence, acknowledged: UTPSequence) {
        self.kind = kind
        self.connectionID = connectionID
        self.sequence = sequence
        self.acknowledged = acknowledged
    }

    /// Whether a datagram can be a uTP packet: long enough, of version 1 and a known kind. Constant cost.
    package static func recognises(_ datagram: RawSpan) -> Bool {
        guard datagram.byteCount >= byteCount else { return false }
        let first = datagram.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
        return first & 0xf == version && Kind(rawValue: first >> 4) != nil
    }

    /// Parses the header of `datagram`; nil if it has none.
    package init?(parsing datagram: RawSpan) {
        guard Self.recognises(datagram) else { return nil }
        func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: T.Type) -> T {
            T(bigEndian: datagram.unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
        }
        guard let kind = Kind(rawValue: load(0, UInt8.self) >> 4) else { return nil }
        self.kind = kind
        connectionID = load(2, UInt16.self)
        timestamp = load(4, UInt32.self)
        timestampDifference = load(8, UInt32.self)
        window = load(12, UInt32.self)
        sequence = UTPSequence(load(16, UInt16.self))
        acknowledged = UTPSequence(load(18, UInt16.self))
    }

    /// Appends the header. `firstExtension` is the kind of the extension that follows; 0 for none.
    package func write(into buffer: inout ByteBuffer, firstExtension: UInt8 = 0) {
        buffer.writeMultipleIntegers(
            kind.rawValue << 4 | Self.version,
            firstExtension,
            connectionID,
            timestamp,
            timestampDifference,
            window,
            sequence.number,
            acknowledged.number
        )
    }
}
