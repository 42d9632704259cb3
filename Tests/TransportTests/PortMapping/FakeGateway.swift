// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire

@testable import RucheTransport

/// A gateway for tests: it parses what `GatewayMapper` sends and answers as a server does.
struct FakeGateway {
    static let address = IPAddress("192.168.1.1")!
    static let client = IPAddress("192.168.1.7")!
    static let endpoint = PeerEndpoint(address: address, port: GatewayMapper.port)

    /// A request as the gateway parses it.
    struct Request: Equatable {
        var version: UInt8
        var operation: UInt8
        var lifetime: UInt32 = 0
        var transport = MappedTransport.udp
        var internalPort: UInt16 = 0
        var suggestedPort: UInt16 = 0
        var nonce: PCPNonce?
    }

    static func read(_ datagram: ByteBuffer) -> Request? {
        var rest = datagram
        guard let (version, operation) = rest.readMultipleIntegers(as: (UInt8, UInt8).self) else { return nil }
        var request = Request(version: version, operation: operation)
        if version == 2 {
            guard let (_, lifetime) = rest.readMultipleIntegers(as: (UInt16, UInt32).self) else { return nil }
            rest.moveReaderIndex(forwardBy: 16)
            guard let (high, low, number) = rest.readMultipleIntegers(as: (UInt64, UInt32, UInt8).self) else {
                return nil
            }
            rest.moveReaderIndex(forwardBy: 3)
            guard let (inner, outer) = rest.readMultipleIntegers(as: (UInt16, UInt16).self) else { return nil }
            request.lifetime = lifetime
            request.transport = number == 6 ? .tcp : .udp
            request.internalPort = inner
            request.suggestedPort = outer
            request.nonce = PCPNonce(high: high, low: low)
        } else if operation > 0 {
            guard let (_, inner, outer, lifetime) = rest.readMultipleIntegers(as: (UInt16, UInt16, UInt16, UInt32).self)
            else { return nil }
            request.transport = operation == 1 ? .udp : .tcp
            request.internalPort = inner
            request.suggestedPort = outer
            request.lifetime = lifetime
        }
        return request
    }

    static func pcp(
        _ transport: MappedTransport,
        port: UInt16,
        external: String,
        lifetime: UInt32,
        epoch: UInt32,
        _ nonce: PCPNonce?,
        result: UInt8 = 0
    ) -> ByteBuffer {
        let external = PeerEndpoint(external)!
        var out = ByteBuffer()
        out.writeMultipleIntegers(2 as UInt8, 0x81 as UInt8, 0 as UInt8, result, lifetime, epoch)
        out.writeMultipleIntegers(0 as UInt32, 0 as UInt32, 0 as UInt32, nonce?.high ?? 0, nonce?.low ?? 0)
        out.writeMultipleIntegers(transport.protocolNumber, 0 as UInt8, 0 as UInt16, port, external.port)
        out.writeBytes(external.address.mappedBytes)
        return out
    }

    static func pcp(
        answering request: Request?,
        external: String = "192.0.2.9:7000",
        lifetime: UInt32 = 3_600,
        epoch: UInt32 = 100,
        result: UInt8 = 0
    ) -> ByteBuffer {
        pcp(
            request?.transport ?? .udp,
            port: request?.internalPort ?? 0,
            external: external,
            lifetime: lifetime,
            epoch: epoch,
            request?.nonce,
            result: result
        )
    }

    static func natPMPAddress(_ address: String = "192.0.2.9", epoch: UInt32 = 100) -> ByteBuffer {
        var out = ByteBuffer()
        out.writeMultipleIntegers(0 as UInt8, 0x80 as UInt8, 0 as UInt16, epoch)
        out.writeBytes(IPAddress(address)!.compactBytes)
        return out
    }

    static func natPMP(
        answering request: Request?,
        external: UInt16 = 7000,
        lifetime: UInt32 = 3_600,
        epoch: UInt32 = 100
    ) -> ByteBuffer {
        var out = ByteBuffer()
        out.writeMultipleIntegers(0 as UInt8, 0x80 | (request?.operation ?? 0), 0 as UInt16, epoch)
        out.writeMultipleIntegers(request?.internalPort ?? 0, external, lifetime)
        return out
    }
}

/// A `GatewayMapper` on virtual time.
struct MapperRun {
    var mapper: GatewayMapper
    var now = Instant.zero
    var effects: [GatewayMapper.Effect] = []

    init(_ wishes: [MappingWish] = [.init(.tcp, port: 6881), .init(.udp, port: 6881)]) {
        var random = SeededRandom(seed: 7)
        mapper = GatewayMapper(
            gateway: FakeGateway.address,
            client: FakeGateway.client,
            wishes: wishes,
            limits: .init(),
            using: &random
        )
    }

    /// Returns what was sent and reported since the last call.
    mutating func take() -> (sent: [FakeGateway.Request], reports: [MappingReport]) {
        defer { effects = [] }
        var taken: (sent: [FakeGateway.Request], reports: [MappingReport]) = ([], [])
        for effect in effects {
            switch effect {
            case .send(let datagram): taken.sent += FakeGateway.read(datagram).map { [$0] } ?? []
            case .report(let report): taken.reports.append(report)
            }
        }
        return taken
    }

    mutating func tick() { mapper.handleTime(now, into: &effects) }

    mutating func close() { mapper.handleClose(at: now, into: &effects) }

    mutating func receive(_ datagram: ByteBuffer, from sender: PeerEndpoint = FakeGateway.endpoint) {
        mapper.handleDatagram(datagram, from: sender, at: now, into: &effects)
    }

    /// Advances to the next deadline; nil if there is none.
    mutating func skip() -> Interval? {
        guard let next = mapper.nextDeadline else { return nil }
        let passed = max(.zero, next - now)
        now = max(now, next)
        tick()
        return passed
    }
}
