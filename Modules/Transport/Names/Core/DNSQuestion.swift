// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// A question for the addresses of a name (RFC 1035 section 4, RFC 3596).
package struct DNSQuestion: Hashable, Sendable {
    /// The record types of addresses.
    package enum Kind: UInt16, CaseIterable, Sendable {
        /// IPv4.
        case a = 1
        /// IPv6.
        case aaaa = 28
    }

    /// A number that the answer repeats.
    package let id: UInt16
    /// The type of record.
    package let kind: Kind
    /// The labels of the name, in lower case.
    let labels: [[UInt8]]

    private static let internet: UInt16 = 1
    private static let recursionDesired: UInt16 = 0x0100

    /// Creates a question; nil if `name` is not a host name: labels of 1 to 63 printable ASCII characters, 253 in all.
    package init?(_ name: String, _ kind: Kind, id: UInt16) {
        let bytes = Array(name.lowercased().utf8)
        let trimmed = bytes.last == UInt8(ascii: ".") ? bytes.dropLast() : bytes[...]
        let labels = trimmed.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Array.init)
        guard trimmed.count <= 253, labels.allSatisfy({ (1...63).contains($0.count) }),
            trimmed.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        self.id = id
        self.kind = kind
        self.labels = labels
    }

    /// Returns the datagram.
    package func encoded() -> ByteBuffer {
        var out = ByteBuffer()
        out.writeMultipleIntegers(id, Self.recursionDesired, 1 as UInt16, 0 as UInt16, 0 as UInt16, 0 as UInt16)
        for label in labels {
            out.writeInteger(UInt8(truncatingIfNeeded: label.count))
            out.writeBytes(label)
        }
        out.writeMultipleIntegers(0 as UInt8, kind.rawValue, Self.internet)
        return out
    }
}
