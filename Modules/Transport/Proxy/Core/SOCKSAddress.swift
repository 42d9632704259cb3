// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// An address as SOCKS version 5 writes it: its type, the address or name, and the port (RFC 1928 section 4).
struct SOCKSAddress: Hashable, Sendable {
    private enum Kind {
        static let v4: UInt8 = 1
        static let name: UInt8 = 3
        static let v6: UInt8 = 4
    }

    let target: ProxyTarget

    init(_ target: ProxyTarget) { self.target = target }

    /// Reads an address; nil, with nothing consumed, if it is incomplete.
    ///
    /// - Throws: `ProxyError` if its type is unknown.
    init?(reading input: inout ByteBuffer) throws(ProxyError) {
        var rest = input
        guard let kind = rest.readInteger(as: UInt8.self) else { return nil }
        switch kind {
        case Kind.v4:
            guard let (address, port) = rest.readMultipleIntegers(as: (UInt32, UInt16).self) else { return nil }
            target = .endpoint(PeerEndpoint(address: IPAddress(v4: address), port: port))
        case Kind.v6:
            guard let (high, low, port) = rest.readMultipleIntegers(as: (UInt64, UInt64, UInt16).self) else {
                return nil
            }
            target = .endpoint(PeerEndpoint(address: IPAddress(v6High: high, low: low), port: port))
        case Kind.name:
            guard let length = rest.readInteger(as: UInt8.self), let name = rest.readString(length: Int(length)),
                let port = rest.readInteger(as: UInt16.self)
            else { return nil }
            target = .name(name, port: port)
        default: throw ProxyError(.notSpoken, "an address of type \(kind)")
        }
        input = rest
    }

    /// Writes it. A name has at most 255 bytes.
    func write(to out: inout ByteBuffer) {
        switch target {
        case .endpoint(let endpoint):
            out.writeInteger(endpoint.address.isIPv4 ? Kind.v4 : Kind.v6)
            out.writeBytes(endpoint.compactBytes)
        case .name(let name, let port):
            out.writeInteger(Kind.name)
            out.writeInteger(UInt8(truncatingIfNeeded: name.utf8.count))
            out.writeString(name)
            out.writeInteger(port)
        }
    }
}
