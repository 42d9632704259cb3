// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// The 96 random bits that tie a PCP mapping to the client that requested it (RFC 6887, section 11.1).
package struct PCPNonce: Hashable, Sendable {
    let high: UInt64
    let low: UInt32

    package init(using random: inout some RandomNumberGenerator) {
        high = random.next()
        low = UInt32(truncatingIfNeeded: random.next())
    }

    init(high: UInt64, low: UInt32) {
        self.high = high
        self.low = low
    }
}

/// A MAP request (RFC 6887, sections 7.1 and 11.1): creates or renews a mapping, or removes it with a lifetime of 0.
package struct PCPMapRequest: Hashable, Sendable {
    package static let version: UInt8 = 2
    static let mapOpcode: UInt8 = 1

    package var nonce: PCPNonce
    package var transport: MappedTransport
    package var internalPort: UInt16
    package var suggestedPort: UInt16
    /// Nil lets the gateway choose.
    package var suggestedAddress: IPAddress?
    package var lifetimeSeconds: UInt32
    /// Our own address, from which the gateway detects a translator between us.
    package var client: IPAddress

    package init(
        _ transport: MappedTransport,
        internalPort: UInt16,
        suggesting suggested: PeerEndpoint? = nil,
        lifetimeSeconds: UInt32,
        client: IPAddress,
        nonce: PCPNonce
    ) {
        self.transport = transport
        self.internalPort = internalPort
        suggestedPort = suggested?.port ?? internalPort
        suggestedAddress = suggested?.address
        self.lifetimeSeconds = lifetimeSeconds
        self.client = client
        self.nonce = nonce
    }

    /// The datagram of 60 bytes.
    package func makeDatagram() -> ByteBuffer {
        var out = ByteBuffer()
        out.reserveCapacity(60)
        out.writeMultipleIntegers(Self.version, Self.mapOpcode, 0 as UInt16, lifetimeSeconds)
        out.writeBytes(client.mappedBytes)
        out.writeMultipleIntegers(nonce.high, nonce.low)
        out.writeMultipleIntegers(transport.protocolNumber, 0 as UInt8, 0 as UInt16, internalPort, suggestedPort)
        let noAddress = client.isIPv4 ? IPAddress(v4: 0) : IPAddress(v6High: 0, low: 0)
        out.writeBytes((suggestedAddress ?? noAddress).mappedBytes)
        return out
    }
}

/// A response from a PCP server (RFC 6887, section 7.2), or from a NAT-PMP server to a PCP request.
package enum PCPResponse: Hashable, Sendable {
    /// A mapping or a refusal, with the request's fields repeated.
    case map(PCPMapResponse)
    /// The server supports another version; 0 is NAT-PMP (RFC 6887, section 9).
    case unsupportedVersion(UInt8)

    /// - Throws: `.malformed` for anything but a response to a MAP request.
    package init(parsing datagram: ByteBuffer) throws(PortMappingError) {
        var rest = datagram
        guard datagram.readableBytes <= 1_100,
            let (version, operation, high, low) = rest.readMultipleIntegers(as: (UInt8, UInt8, UInt8, UInt8).self)
        else { throw PortMappingError(.malformed, "expected a PCP answer, found \(datagram.readableBytes) bytes") }
        let result = high == 0 || version == PCPMapRequest.version ? low : .max
        guard operation & 0x80 != 0 else {
            throw PortMappingError(.malformed, "expected an answer at byte 1, found opcode \(operation)")
        }
        guard version == PCPMapRequest.version, result != PCPResult.unsupportedVersion.rawValue else {
            guard result == PCPResult.unsupportedVersion.rawValue else {
                throw PortMappingError(.malformed, "expected version 2 at byte 0, found \(version)")
            }
            self = .unsupportedVersion(version)
            return
        }
        guard operation == 0x80 | PCPMapRequest.mapOpcode else {
            throw PortMappingError(.malformed, "expected opcode 1 at byte 1, found \(operation & 0x7f)")
        }
        self = .map(try PCPMapResponse(parsing: &rest, result: PCPResult(rawValue: result), of: datagram.readableBytes))
    }
}

/// A response to a MAP request.
package struct PCPMapResponse: Hashable, Sendable {
    package let result: PCPResult
    /// The lifetime of the mapping, or of the refusal if `result` is one.
    package let lifetimeSeconds: UInt32
    /// Seconds since the server last lost its state.
    package let epoch: UInt32
    package let nonce: PCPNonce
    package let protocolNumber: UInt8
    package let internalPort: UInt16
    package let external: PeerEndpoint

    fileprivate init(
        parsing rest: inout ByteBuffer,
        result: PCPResult,
        of byteCount: Int
    ) throws(PortMappingError) {
        guard
            let (lifetime, epoch, _, _, _) = rest.readMultipleIntegers(
                as: (UInt32, UInt32, UInt32, UInt32, UInt32).self
            ),
            let (high, low) = rest.readMultipleIntegers(as: (UInt64, UInt32).self),
            let (number, _, _) = rest.readMultipleIntegers(as: (UInt8, UInt8, UInt16).self),
            let (internalPort, externalPort) = rest.readMultipleIntegers(as: (UInt16, UInt16).self),
            let bytes = rest.readBytes(length: 16), let address = IPAddress(compact: bytes)
        else { throw PortMappingError(.malformed, "expected 60 bytes of a MAP answer, found \(byteCount)") }
        self.result = result
        lifetimeSeconds = lifetime
        self.epoch = epoch
        nonce = PCPNonce(high: high, low: low)
        protocolNumber = number
        self.internalPort = internalPort
        external = PeerEndpoint(address: address, port: externalPort)
    }
}

/// A result code (RFC 6887, section 7.4). The set is open.
package struct PCPResult: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let success = Self(rawValue: 0)
    package static let unsupportedVersion = Self(rawValue: 1)
    package static let notAuthorised = Self(rawValue: 2)
    package static let unsupportedOpcode = Self(rawValue: 4)
    package static let networkFailure = Self(rawValue: 7)
    package static let noResources = Self(rawValue: 8)
    package static let unsupportedProtocol = Self(rawValue: 9)
    package static let quotaExceeded = Self(rawValue: 10)
    package static let cannotProvideExternal = Self(rawValue: 11)
    package static let addressMismatch = Self(rawValue: 12)

    /// Converts the refusal.
    var error: PortMappingError {
        let code: PortMappingError.Code =
            switch self {
            case .notAuthorised, .addressMismatch: .refused
            case .noResources, .quotaExceeded, .networkFailure: .exhausted
            case .cannotProvideExternal: .conflict
            default: .unsupported
            }
        return PortMappingError(code, "PCP result \(rawValue)")
    }
}

extension IPAddress {
    /// The address in 16 bytes; IPv4 as an IPv4-mapped IPv6 address (RFC 6887, section 5).
    var mappedBytes: [UInt8] {
        isIPv4 ? Array(repeating: 0, count: 10) + [0xff, 0xff] + compactBytes : compactBytes
    }
}
