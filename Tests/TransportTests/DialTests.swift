// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire
import Testing

/// Dialling and listening, without encryption.
struct DialTests {
    @Test(arguments: [IPAddress.loopbackV4, .loopbackV6])
    func connectsOver(address: IPAddress) async throws {
        try await withRuntime { runtime in
            let options = TestListener.Options(binding: LocalBinding(addresses: [address]))
            try await withListener(runtime, options) { listener, peers in
                #expect(listener.endpoints.map(\.address) == [address])
                let dialer = makeDialer(.off, runtime)
                let atDialer = Inbox<UInt8>()
                let atListener = Inbox<UInt8>()
                let outgoing = try await dialer.dial(
                    listener.endpoints[0],
                    infoHash: .swarm,
                    on: runtime.loops[1],
                    configure: read(into: atDialer)
                ).get()
                #expect(outgoing.stream.loop === runtime.loops[1])
                try await outgoing.send(handshakeBytes())
                let peer = try #require(await peers.first(1).first)
                let incoming = try await peer.adopt(on: runtime.loops[0], configure: read(into: atListener)).get()
                try await incoming.send(pattern(100))
                #expect(await atDialer.first(100) == pattern(100))
                #expect(await atListener.first(68) == handshakeBytes())
                #expect(dialer.activeCount == 0)
            }
        }
    }

    @Test func bothFamiliesShareOnePort() async throws {
        try await withRuntime { runtime in
            try await withListener(runtime, .init(binding: .init())) { listener, _ in
                #expect(Set(listener.endpoints.map(\.port)) == [listener.port])
                #expect(listener.port != 0)
                for endpoint in listener.endpoints {
                    let local: IPAddress = endpoint.address.isIPv4 ? .loopbackV4 : .loopbackV6
                    let client = try await RawClient(to: .init(address: local, port: endpoint.port), on: runtime)
                    try await client.channel.close()
                }
            }
        }
    }

    @Test func closedListenerRefuses() async throws {
        try await withRuntime { runtime in
            let endpoint = try await withListener(runtime) { listener, peers in
                let waiting = try await RawClient(to: listener.endpoints[0], on: runtime)
                try await waiting.send([19])
                await listener.close()
                #expect(await waiting.inbox.untilClosed().isEmpty)
                return listener.endpoints[0]
            }
            let dialer = makeDialer(.off, runtime)
            let code = await failure {
                try await dialer.dial(endpoint, infoHash: .swarm, on: runtime.loops[0], configure: ignore).get()
            }
            #expect(code == .refused)
        }
    }
}
