// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire
import Testing

/// Moving an accepted connection to the loop of its swarm, without losing or repeating bytes.
struct AdoptionTests {
    /// Where the sender's bytes are split: inside the protocol's name, inside the info-hash, around byte 48, far
    /// behind.
    @Test(arguments: [[1], [19], [20, 40], [47], [48], [49], [67, 68], [100], [1, 2, 3, 47, 48, 49, 68, 5000]])
    func bytesSplitAnywhereArriveOnTheOwnersLoop(cuts: [Int]) async throws {
        try await withRuntime(loops: 2) { runtime in
            try await withListener(runtime) { listener, peers in
                let client = try await RawClient(to: listener.endpoints[0], on: runtime)
                let sent = handshakeBytes() + pattern(20_000)
                let inbox = Inbox<UInt8>()
                let adopting = Task {
                    let peer = try #require(await peers.first(1).first)
                    #expect(peer.infoHash == .swarm)
                    #expect(!peer.isEncrypted)
                    // The loops alternate, so one of them is not the stranger's.
                    return try await peer.adopt(on: runtime.nextLoop(), configure: read(into: inbox)).get()
                }
                var start = 0
                for end in cuts + [sent.count] {
                    try await client.send(Array(sent[start..<end]))
                    start = end
                    await Task.yield()
                }
                _ = try await adopting.value
                #expect(await inbox.first(sent.count) == sent)
                try await client.channel.close()
                #expect(await inbox.untilClosed() == sent)
            }
        }
    }

    @Test func bothDirectionsSurviveTheMoveToAnotherLoop() async throws {
        try await withRuntime(loops: 2) { runtime in
            #expect(runtime.loops.count == 2)
            for loop in runtime.loops {
                try await withListener(runtime) { listener, peers in
                    let client = try await RawClient(to: listener.endpoints[0], on: runtime)
                    try await client.send(handshakeBytes())
                    let peer = try #require(await peers.first(1).first)
                    let inbox = Inbox<UInt8>()
                    let connection = try await peer.adopt(on: loop, configure: read(into: inbox)).get()
                    #expect(connection.stream.loop === loop)
                    #expect(connection.isIncoming)
                    #expect(connection.remote == PeerEndpoint(try #require(client.channel.localAddress)))
                    #expect(listener.pendingCount == 0)
                    let answer = pattern(300_000)
                    try await connection.send(answer)
                    #expect(await client.inbox.first(answer.count) == answer)
                    try await connection.close()
                    #expect(await client.inbox.untilClosed() == answer)
                }
            }
        }
    }

    @Test func rejectedAndForgottenStrangersAreClosed() async throws {
        try await withRuntime { runtime in
            let listener = try await TestListener(runtime: runtime) { _ in }
            let forgotten = try await RawClient(to: listener.endpoints[0], on: runtime)
            try await forgotten.send(handshakeBytes())
            #expect(await forgotten.inbox.untilClosed().isEmpty)
            await listener.close()
            try await withListener(runtime) { listener, peers in
                let rejected = try await RawClient(to: listener.endpoints[0], on: runtime)
                try await rejected.send(handshakeBytes())
                let peer = try #require(await peers.first(1).first)
                peer.reject()
                #expect(await rejected.inbox.untilClosed().isEmpty)
                let late = await failure { try await peer.adopt(on: runtime.loops[0], configure: ignore).get() }
                #expect(late == .stopped)
            }
        }
    }

    @Test func whatConfigureThrowsClosesTheConnection() async throws {
        struct Refusal: Error {}
        try await withRuntime { runtime in
            try await withListener(runtime) { listener, peers in
                let client = try await RawClient(to: listener.endpoints[0], on: runtime)
                try await client.send(handshakeBytes())
                let peer = try #require(await peers.first(1).first)
                await #expect(throws: Refusal.self) {
                    try await peer.adopt(on: runtime.loops[1]) { _ in throw Refusal() }.get()
                }
                #expect(await client.inbox.untilClosed().isEmpty)
            }
        }
    }
}
