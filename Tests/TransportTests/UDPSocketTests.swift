// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire
import Testing

struct UDPSocketTests {
    @Test(arguments: [(UDPSocket.Family.ipv4, IPAddress.loopbackV4), (.ipv6, .loopbackV6)])
    func datagramsGoBothWays(family: UDPSocket.Family, address: IPAddress) async throws {
        try await withRuntime { runtime in
            let received = (Inbox<[UInt8]>(), Inbox<[UInt8]>())
            let senders = Inbox<PeerEndpoint>()
            let binding = LocalBinding(addresses: [address])
            let first = try await UDPSocket.bind(family, binding: binding, on: runtime.loops[0]) { sender, datagram in
                senders.append([sender])
                received.0.append([Array(buffer: datagram)])
            }.get()
            let second = try await UDPSocket.bind(family, on: runtime.loops[1]) { _, datagram in
                received.1.append([Array(buffer: datagram)])
            }.get()
            #expect(first.local.address == address)
            try await second.send(ByteBuffer(bytes: [1, 2, 3]), to: first.local).get()
            #expect(await received.0.first(1) == [[1, 2, 3]])
            let sender = try #require(senders.all.first)
            #expect(sender.port == second.local.port)
            try await first.send(ByteBuffer(bytes: pattern(1400)), to: sender).get()
            #expect(await received.1.first(1) == [pattern(1400)])
            try await first.close().get()
            try await second.close().get()
            #expect(await failure { try await first.send(ByteBuffer(), to: sender).get() } == .closed)
        }
    }
}
