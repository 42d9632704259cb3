// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire
import Testing

#if os(Linux)
import Glibc

/// Whether the system lets this process use `SO_BINDTODEVICE`, tested without Ruche.
private enum InterfaceBinding {
    static let isAllowed: Bool = {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) == 0
    }()
}
#endif

/// Sockets bound to one address or interface.
struct BindingTests {
    static let second = IPAddress(v4: 0x7f00_0002)

    @Test func listensAndDialsFromOneAddress() async throws {
        try await withRuntime { runtime in
            let binding = LocalBinding(addresses: [Self.second])
            try await withListener(runtime, .init(binding: binding)) { listener, peers in
                #expect(listener.endpoints.map(\.address) == [Self.second])
                let dialer = makeDialer(.off, binding: binding, runtime)
                let connection = try await dialer.dial(
                    listener.endpoints[0],
                    infoHash: .swarm,
                    on: runtime.loops[0],
                    configure: ignore
                ).get()
                try await connection.send(handshakeBytes())
                #expect(await peers.first(1).first?.remote.address == Self.second)
            }
        }
    }

    @Test func whatIsNotOursCannotBeBound() async throws {
        try await withRuntime { runtime in
            // 192.0.2.0/24 belongs to no host (RFC 5737).
            let foreign = LocalBinding(addresses: [IPAddress(v4: 0xc000_0201)])
            let loop = runtime.loops[0]
            let target = PeerEndpoint(address: .loopbackV4, port: 9)
            for binding in [foreign, LocalBinding(interface: "no-such-if0")] {
                let listening = await failure {
                    try await TestListener(.init(binding: binding), runtime: runtime) { _ in }
                }
                #expect(listening == .localBinding)
                let dialer = makeDialer(binding: binding, runtime)
                let dialing = await failure {
                    try await dialer.dial(target, infoHash: .swarm, on: loop, configure: ignore).get()
                }
                #expect(dialing == .localBinding)
                let datagrams = await failure {
                    try await UDPPort.open(binding: binding, runtime: runtime)
                }
                #expect(datagrams == .localBinding)
            }
        }
    }

    @Test func otherFamilyIsNotUsed() async throws {
        try await withRuntime { runtime in
            let dialer = makeDialer(binding: .loopback, runtime)
            let target = PeerEndpoint(address: .loopbackV6, port: 9)
            let code = await failure {
                try await dialer.dial(target, infoHash: .swarm, on: runtime.loops[0], configure: ignore).get()
            }
            #expect(code == .localBinding)
        }
    }

    #if os(Linux)
    @Test(.enabled(if: InterfaceBinding.isAllowed, "this process must not bind sockets to an interface"))
    func listensAndDialsThroughOneInterface() async throws {
        try await withRuntime { runtime in
            let binding = LocalBinding(addresses: [.loopbackV4], interface: "lo")
            try await withListener(runtime, .init(binding: binding)) { listener, peers in
                let dialer = makeDialer(.off, binding: binding, runtime)
                let connection = try await dialer.dial(
                    listener.endpoints[0],
                    infoHash: .swarm,
                    on: runtime.loops[0],
                    configure: ignore
                ).get()
                try await connection.send(handshakeBytes())
                #expect(await peers.first(1).first?.remote.address == .loopbackV4)
            }
        }
    }
    #endif

    @Test func portInUseIsReported() async throws {
        try await withRuntime { runtime in
            try await withListener(runtime) { listener, _ in
                let options = TestListener.Options(binding: .loopback, port: listener.port)
                #expect(await failure { try await TestListener(options, runtime: runtime) { _ in } } == .portInUse)
            }
        }
    }

    @Test func endpointsAndSocketAddressesAgree() throws {
        let texts = ["127.0.0.1", "203.0.113.7", "::1", "2001:db8::8:800:200c:417a"]
        for text in texts {
            let address = try SocketAddress(ipAddress: text, port: 6881)
            let endpoint = try #require(PeerEndpoint(address))
            #expect(endpoint.port == 6881)
            #expect(SocketAddress(endpoint) == address)
        }
        let mapped = try SocketAddress(ipAddress: "::ffff:203.0.113.7", port: 1)
        #expect(PeerEndpoint(mapped)?.address == IPAddress(v4: 0xcb00_7107))
        #expect(PeerEndpoint(try SocketAddress(unixDomainSocketPath: "/tmp/x")) == nil)
    }
}
