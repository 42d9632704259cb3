// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire
import Testing

/// Blocked addresses: nothing is sent to them, and nothing from them is read.
struct BlockingTests {
    private static let loopback = BlockedAddresses([AddressRange(.loopbackV4, prefixLength: 8)].compactMap(\.self))

    @Test func blockedAddressesAreNotDialled() async throws {
        try await withRuntime { runtime in
            try await withListener(runtime) { listener, _ in
                let dialer = PeerDialer(
                    over: [TCPTransport(runtime: runtime)],
                    blocked: Self.loopback,
                    runtime: runtime
                )
                let dialled = dialer.dial(listener.endpoints[0], infoHash: SHA1Digest(), on: runtime.loops[0]) { _ in
                    throw TransportError(.system, "reach this")
                }
                await #expect { try await dialled.get() } throws: { ($0 as? TransportError)?.code == .blocked }
                #expect(listener.pendingCount == 0)
            }
        }
    }

    @Test func peersAtBlockedAddressesAreClosedUnread() async throws {
        try await withRuntime { runtime in
            var options = TestListener.Options()
            options.blocked = Self.loopback
            try await withListener(runtime, options) { listener, _ in
                let socket = try await StreamDialer(binding: .loopback)
                    .connect(to: listener.endpoints[0], on: runtime.loops[0], timeout: .seconds(60))
                    .get()
                // It may be closed already.
                try? await socket.eventLoop.submit { try StreamDialer.startReading(socket) }.get()
                try await socket.closeFuture.get()
                #expect(listener.pendingCount == 0 && listener.turnedAwayCount == 0)
            }
        }
    }

    @Test func packetsFromBlockedAddressesAreNotAnswered() async throws {
        try await withUTPSockets(accepts: false) { left, right, target in
            right.listen(refusing: Self.loopback.contains) { $0.abort() }
            let answers = Inbox<TransportError.Code?>()
            left.dial(target, deadline: .seconds(1)) { result in
                guard case .failure(let error) = result else { return answers.append([nil]) }
                answers.append([error.code])
            }
            #expect(await answers.first(1) == [.timeout])
            let count = try await right.loop.submit { right.streamCount }.get()
            #expect(count == 0)
        }
    }
}
