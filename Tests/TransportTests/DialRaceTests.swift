// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire
import Testing

/// Dials over several transports.
struct DialRaceTests {
    /// However patient the first one is, the second one starts after the head start, and its success ends the first.
    @Test func aSilentTransportDelaysNoOther() async throws {
        try await withRuntime { runtime in
            try await withListener(runtime) { listener, peers in
                let silent = SilentTransport()
                let dialer = PeerDialer(
                    over: [silent, TCPTransport(runtime: runtime)],
                    policy: EncryptionPolicy.off.channels,
                    runtime: runtime
                )
                let endpoint = listener.endpoints[0]
                let connection = try await dialer.dial(
                    endpoint,
                    infoHash: .swarm,
                    on: runtime.loops[0],
                    configure: ignore
                ).get()
                #expect(connection.stream.facts.kind == .tcp)
                #expect(silent.dialled.all == [endpoint])
                #expect(await silent.cancelled.first(1) == [endpoint])
                #expect(dialer.activeCount == 0)
                try await connection.close()
            }
        }
    }

    /// TCP opens a stream each time, so it would always win if it always started first.
    @Test func aDialAfterAFailureBeginsWithAnotherTransport() async throws {
        try await withRuntime { runtime in
            try await withListener(runtime) { listener, peers in
                let silent = SilentTransport()
                let dialer = PeerDialer(
                    over: [TCPTransport(runtime: runtime), silent],
                    policy: EncryptionPolicy.off.channels,
                    runtime: runtime
                )
                let endpoint = listener.endpoints[0]
                for (failureCount, expected) in [(0, []), (1, [endpoint]), (2, [endpoint])] {
                    let connection = try await dialer.dial(
                        endpoint,
                        infoHash: .swarm,
                        afterFailures: failureCount,
                        on: runtime.loops[0],
                        configure: ignore
                    ).get()
                    #expect(connection.stream.facts.kind == .tcp)
                    #expect(silent.dialled.all == expected)
                    try await connection.close()
                }
            }
        }
    }

    @Test func theFirstThatOpensWinsAndTheOtherIsNotDialled() async throws {
        try await withRuntime { runtime in
            try await withListener(runtime) { listener, peers in
                let silent = SilentTransport()
                let dialer = PeerDialer(
                    over: [TCPTransport(runtime: runtime), silent],
                    policy: EncryptionPolicy.off.channels,
                    runtime: runtime
                )
                // The one that was refused loses its head start.
                let closed = PeerEndpoint(address: .loopbackV4, port: 1)
                _ = dialer.dial(closed, infoHash: .swarm, on: runtime.loops[0], configure: ignore)
                #expect(await silent.dialled.first(1) == [closed])
                let connection = try await dialer.dial(
                    listener.endpoints[0],
                    infoHash: .swarm,
                    on: runtime.loops[0],
                    configure: ignore
                ).get()
                #expect(connection.stream.facts.kind == .tcp)
                try await connection.close()
            }
        }
    }
}
