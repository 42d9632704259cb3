// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// Percent-encoding (RFC 3986, section 2.1).
package enum PercentEncoding {
    /// Encodes all bytes except unreserved characters, for use in a path or query component.
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        encode(bytes) { isUnreserved($0) }
    }

    /// Encodes only the bytes that are never allowed in a URL; existing escapes stay.
    static func encodeUnfit(_ bytes: some Sequence<UInt8>) -> String {
        encode(bytes) { (0x21..<0x7f).contains($0) && !unfit.contains($0) }
    }

    /// Decodes `text`. A percent sign without two digits stays, and `+` is a space if `plusIsSpace`.
    static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.first {
            if byte == UInt8(ascii: "%"),
                let pair = Hex.decode(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self)),
                let value = pair.first
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                rest = rest.dropFirst()
            }
        }
        return bytes
    }

    private static let unfit = Array("\"<>\\^`{|}".utf8)

    private static func encode(_ bytes: some Sequence<UInt8>, keeping isKept: (UInt8) -> Bool) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            if isKept(byte) {
                text.append(byte)
            } else {
                text.append(UInt8(ascii: "%"))
                text.append(contentsOf: Hex.encode(CollectionOfOne(byte)).utf8)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
