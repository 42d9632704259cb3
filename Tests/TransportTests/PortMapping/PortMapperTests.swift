// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import RucheCrypto
import RucheWire
import Testing

@testable import RucheTransport

#if os(Linux)
/// Over real sockets: every address of 127.0.0.0/8 belongs to this machine, so the gateway has its own.
@Suite("The port mapper's sockets", .timeLimit(.minutes(2)))
struct PortMapperTests {
    @Test("A mapping is requested from the gateway, reported, and removed at the end")
    func mapping() async throws {
        try await withRuntime { runtime in
            let address = IPAddress("127.77.0.1")!
            let gateway = try await LoopbackGateway.open(at: address, on: runtime.loops[0])
            let mapper = PortMapper(
                runtime: runtime,
                router: DeafRouter(),
                binding: .init(),
                limits: .init(),
                findGateways: { [Gateway(address: address, interface: "lo")] }
            )
            var mapped: [PortMapping] = []
            for await event in mapper.map(tcp: 6881, udp: 6882) {
                if case .mapped(let mapping) = event { mapped.append(mapping) }
                if mapped.count == 2 { break }
            }
            #expect(mapped.map(\.internalPort) == [6881, 6882])
            #expect(mapped.map(\.external) == Array(repeating: PeerEndpoint("192.0.2.9:7000"), count: 2))
            await mapper.close()
            let requests = gateway.requests.all
            #expect(requests.map(\.lifetime) == [3_600, 3_600, 0, 0])
            try await gateway.channel.close()
        }
    }

    @Test("Closing waits for a silent router only up to its limit, and ends the stream")
    func silence() async throws {
        try await withRuntime { runtime in
            let address = IPAddress("127.77.0.2")!
            let gateway = try await LoopbackGateway.open(at: address, on: runtime.loops[0], isSilent: true)
            var limits = PortMappingLimits()
            limits.removalAttempts = .max
            limits.closing = .milliseconds(50)
            let mapper = PortMapper(
                runtime: runtime,
                router: DeafRouter(),
                binding: .init(),
                limits: limits,
                findGateways: { [Gateway(address: address, interface: "lo")] }
            )
            let events = mapper.map(tcp: 6881, udp: nil)
            #expect(await gateway.requests.first(1).first?.internalPort == 6881)
            await mapper.close()
            await mapper.close()
            var count = 0
            for await _ in events { count += 1 }
            for await _ in mapper.map(tcp: 1, udp: nil) { count += 1 }
            #expect(count == 0)
            try await gateway.channel.close()
        }
    }

    @Test("Without a default route the failure says so")
    func noRoute() async throws {
        try await withRuntime { runtime in
            let mapper = PortMapper(
                runtime: runtime,
                router: DeafRouter(),
                binding: .init(),
                limits: .init(),
                findGateways: { [] }
            )
            var failure: PortMappingError?
            for await event in mapper.map(tcp: 6881, udp: 6881) {
                if case .failed(let error) = event { failure = error }
                break
            }
            #expect(failure?.code == .noGateway)
            #expect(failure?.errorDescription == "No port could be mapped, because this machine has no default route.")
            await mapper.close()
        }
    }
}

private struct DeafRouter: RouterHTTP {
    struct Silence: Error {}

    func ask(
        _ request: ByteBuffer,
        at endpoint: PeerEndpoint,
        byteLimit: Int,
        within timeout: Interval
    ) async throws -> (status: Int, body: ByteBuffer) { throw Silence() }
}

/// A PCP server on loopback.
private final class LoopbackGateway: ChannelInboundHandler, Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    let requests: Inbox<FakeGateway.Request>
    private let isSilent: Bool

    private init(_ requests: Inbox<FakeGateway.Request>, isSilent: Bool) {
        self.requests = requests
        self.isSilent = isSilent
    }

    static func open(
        at address: IPAddress,
        on loop: any EventLoop,
        isSilent: Bool = false
    ) async throws -> (channel: any Channel, requests: Inbox<FakeGateway.Request>) {
        let requests = Inbox<FakeGateway.Request>()
        let channel = try await DatagramBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(LoopbackGateway(requests, isSilent: isSilent))
                }
            }
            .bind(to: SocketAddress(PeerEndpoint(address: address, port: GatewayMapper.port))).get()
        return (channel, requests)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let request = FakeGateway.read(envelope.data) else { return }
        requests.append([request])
        guard !isSilent else { return }
        let answer = FakeGateway.pcp(answering: request, lifetime: request.lifetime)
        context.writeAndFlush(
            wrapOutboundOut(AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: answer)),
            promise: nil
        )
    }
}
#endif
