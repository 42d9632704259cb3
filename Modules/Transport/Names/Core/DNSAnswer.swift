// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// The addresses in a name server's answer (RFC 1035 section 4).
package struct DNSAnswer: Hashable, Sendable {
    /// Of the family that was asked for, in the server's order; empty if there are none.
    package let addresses: [IPAddress]

    /// More addresses are ignored.
    package static let addressLimit = 64

    private static let noError: UInt16 = 0
    private static let noSuchName: UInt16 = 3

    /// Parses the answer to `question`; nil if the datagram is another, malformed, or a failure of the server. One that was
    /// cut short gives the addresses that it holds.
    package init?(parsing datagram: ByteBuffer, to question: DNSQuestion) {
        var input = datagram
        guard
            let (id, flags, questions, answers, _, _) = input.readMultipleIntegers(
                as: (UInt16, UInt16, UInt16, UInt16, UInt16, UInt16).self
            ), id == question.id, flags & 0xf800 == 0x8000, questions == 1
        else { return nil }
        guard Self.skipQuestion(&input, question) else { return nil }
        switch flags & 0xf {
        case Self.noError: break
        case Self.noSuchName:
            addresses = []
            return
        default: return nil
        }
        var found: [IPAddress] = []
        for _ in 0..<answers {
            guard found.count < Self.addressLimit, let record = Self.nextRecord(&input) else { break }
            if record.kind == question.kind.rawValue, let address = IPAddress(compact: record.data) {
                found.append(address)
            }
        }
        addresses = found
    }

    /// Only the question that was asked proves that the answer is not another program's guess.
    private static func skipQuestion(_ input: inout ByteBuffer, _ question: DNSQuestion) -> Bool {
        for label in question.labels {
            guard let length = input.readInteger(as: UInt8.self), Int(length) == label.count,
                let bytes = input.readBytes(length: label.count), bytes.map(\.lowercased) == label
            else { return false }
        }
        guard let (end, kind, network) = input.readMultipleIntegers(as: (UInt8, UInt16, UInt16).self) else {
            return false
        }
        return end == 0 && kind == question.kind.rawValue && network == 1
    }

    private static func nextRecord(_ input: inout ByteBuffer) -> (kind: UInt16, data: [UInt8])? {
        guard skipName(&input),
            let (kind, network, _, length) = input.readMultipleIntegers(as: (UInt16, UInt16, UInt32, UInt16).self),
            let data = input.readBytes(length: Int(length))
        else { return nil }
        return (network == 1 ? kind : 0, data)
    }

    /// A name ends with an empty label or a pointer, which is not followed.
    private static func skipName(_ input: inout ByteBuffer) -> Bool {
        while let length = input.readInteger(as: UInt8.self) {
            switch length >> 6 {
            case 0:
                if length == 0 { return true }
                guard input.readSlice(length: Int(length)) != nil else { return false }
            case 3: return input.readInteger(as: UInt8.self) != nil
            default: return false
            }
        }
        return false
    }
}

extension UInt8 {
    fileprivate var lowercased: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self }
}
