// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// A request to a NAT-PMP gateway (RFC 6886).
package enum NATPMPRequest: Hashable, Sendable {
    /// Asks for the gateway's external address (section 3.2).
    case externalAddress
    /// Creates or renews a mapping, or removes it with a lifetime of 0 (sections 3.3 and 3.4).
    case map(MappedTransport, internalPort: UInt16, suggestedPort: UInt16, lifetimeSeconds: UInt32)

    /// The datagram of 2 or 12 bytes.
    package func makeDatagram() -> ByteBuffer {
        var out = ByteBuffer()
        switch self {
        case .externalAddress: out.writeMultipleIntegers(0 as UInt8, operation)
        case .map(_, let internalPort, let suggestedPort, let lifetime):
            out.writeMultipleIntegers(0 as UInt8, operation, 0 as UInt16, internalPort, suggestedPort, lifetime)
        }
        return out
    }

    private var operation: UInt8 {
        switch self {
        case .externalAddress: 0
        case .map(.udp, _, _, _): 1
        case .map(.tcp, _, _, _): 2
        }
    }
}

/// A response from a NAT-PMP gateway (RFC 6886, section 3.5).
package struct NATPMPResponse: Hashable, Sendable {
    package enum Body: Hashable, Sendable {
        case externalAddress(IPAddress)
        case mapped(MappedTransport, internalPort: UInt16, externalPort: UInt16, lifetimeSeconds: UInt32)
        /// The operation that was refused: 0 is the external address, 1 UDP, 2 TCP.
        case refused(operation: UInt8, PortMappingError)
    }

    /// Seconds since the gateway last lost its state.
    package let epoch: UInt32
    package let body: Body

    /// - Throws: `.malformed` for anything else.
    package init(parsing datagram: ByteBuffer) throws(PortMappingError) {
        var rest = datagram
        guard let (version, code, result, epoch) = rest.readMultipleIntegers(as: (UInt8, UInt8, UInt16, UInt32).self)
        else {
            throw PortMappingError(.malformed, "expected 8 bytes of NAT-PMP, found \(datagram.readableBytes)")
        }
        guard version == 0, (0x80...0x82).contains(code) else {
            throw PortMappingError(.malformed, "expected a NAT-PMP answer, found version \(version), opcode \(code)")
        }
        self.epoch = epoch
        guard result == 0 else {
            body = .refused(operation: code & 0x7f, Self.error(result))
            return
        }
        if code == 0x80 {
            guard let address = rest.readInteger(as: UInt32.self) else { throw Self.tooShort(datagram, 12) }
            body = .externalAddress(IPAddress(v4: address))
        } else {
            guard let (inner, outer, lifetime) = rest.readMultipleIntegers(as: (UInt16, UInt16, UInt32).self)
            else { throw Self.tooShort(datagram, 16) }
            let transport: MappedTransport = code == 0x81 ? .udp : .tcp
            body = .mapped(transport, internalPort: inner, externalPort: outer, lifetimeSeconds: lifetime)
        }
    }

    private static func tooShort(_ datagram: ByteBuffer, _ byteCount: Int) -> PortMappingError {
        PortMappingError(.malformed, "expected \(byteCount) bytes of NAT-PMP, found \(datagram.readableBytes)")
    }

    private static func error(_ result: UInt16) -> PortMappingError {
        let code: PortMappingError.Code =
            switch result {
            case 2: .refused
            case 3, 4: .exhausted
            default: .unsupported
            }
        return PortMappingError(code, "NAT-PMP result \(result)")
    }
}
