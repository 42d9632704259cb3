// SPDX-License-Identifier: Apache-2.0

/// The beginning of a Matroska or WebM file (RFC 9559; EBML: RFC 8794).
enum Matroska {
    private static let header: UInt64 = 0x1A45_DFA3
    private static let segment: UInt64 = 0x1853_8067
    private static let info: UInt64 = 0x1549_A966
    private static let timestampScale: UInt64 = 0x2AD7_B1
    private static let duration: UInt64 = 0x4489
    /// Elements that are looked at, in all.
    private static let steps = 256

    static func isBeginning(_ bytes: [UInt8]) -> Bool {
        var reader = ByteReader(bytes[...])
        return reader.nextInteger(byteCount: 4) == header
    }

    /// Returns the duration that the segment's information states; nil if `bytes` does not contain it.
    static func seconds(in bytes: [UInt8]) -> Double? {
        var reader = ByteReader(bytes[...])
        var ticks: Double?
        var scale = 1_000_000.0
        reading: for _ in 0..<steps {
            guard let element = nextElement(&reader) else { break }
            switch element.id {
            // Their elements follow.
            case segment, info: continue
            case timestampScale:
                guard let value = number(element, &reader) else { return nil }
                scale = Double(value)
            case duration:
                guard let value = number(element, &reader) else { return nil }
                ticks =
                    element.byteCount == 4
                    ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: value))) : Double(bitPattern: value)
            default:
                // Clusters come after the information.
                guard let byteCount = element.byteCount, reader.nextBytes(byteCount) != nil else {
                    break reading
                }
            }
        }
        guard let ticks, ticks.isFinite, ticks > 0 else { return nil }
        let seconds = ticks * scale / 1e9
        return seconds.isFinite ? seconds : nil
    }

    /// Reads an element's id and length; a length that is unknown is nil (RFC 8794, section 6.2).
    private static func nextElement(_ reader: inout ByteReader) -> (id: UInt64, byteCount: Int?)? {
        guard let id = nextVariable(&reader, maximum: 4), let length = nextVariable(&reader, maximum: 8) else {
            return nil
        }
        let bits = 7 * length.width
        let value = length.value & (1 << UInt64(bits) - 1)
        let isUnknown = value == 1 << UInt64(bits) - 1
        return (id.value, isUnknown ? nil : Int(exactly: value))
    }

    /// Reads a number whose first byte tells how long it is, with the marking bit.
    private static func nextVariable(_ reader: inout ByteReader, maximum: Int) -> (value: UInt64, width: Int)? {
        guard let first = reader.rest.first else { return nil }
        let width = first.leadingZeroBitCount + 1
        guard width <= maximum, let value = reader.nextInteger(byteCount: width) else { return nil }
        return (value, width)
    }

    private static func number(_ element: (id: UInt64, byteCount: Int?), _ reader: inout ByteReader) -> UInt64? {
        guard let byteCount = element.byteCount, (1...8).contains(byteCount) else { return nil }
        return reader.nextInteger(byteCount: byteCount)
    }
}
