// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire
import Testing

/// MSE on real sockets: the result of each pair of policies, and cipher streams that survive the move between loops.
struct EncryptionTests {
    enum Expected: Sendable {
        case encrypted
        case plaintext
        /// The dial fails.
        case failed
        /// The dial succeeds, but the listener closes the connection after the first bytes.
        case hungUpOn
    }

    static let pairs: [(EncryptionPolicy, EncryptionPolicy, Expected)] = [
        (.prefer, .prefer, .encrypted), (.prefer, .require, .encrypted), (.prefer, .off, .plaintext),
        (.require, .prefer, .encrypted), (.require, .require, .encrypted), (.require, .off, .failed),
        (.off, .prefer, .plaintext), (.off, .require, .hungUpOn), (.off, .off, .plaintext),
    ]

    @Test(arguments: pairs)
    func policiesMeet(dialing: EncryptionPolicy, listening: EncryptionPolicy, expected: Expected) async throws {
        try await withRuntime { runtime in
            let options = TestListener.Options(
                binding: .loopback,
                encryption: listening,
                findTorrent: Self.table([.swarm])
            )
            try await withListener(runtime, options) { listener, peers in
                let inbox = Inbox<UInt8>()
                let dialer = makeDialer(dialing, runtime)
                let dialled = dialer.dial(
                    listener.endpoints[0],
                    infoHash: .swarm,
                    on: runtime.loops[0],
                    configure: read(into: inbox)
                )
                if expected == .failed {
                    #expect(await failure { try await dialled.get() } == .closed)
                    return
                }
                let outgoing = try await dialled.get()
                #expect(outgoing.isEncrypted == (expected == .encrypted))
                try await outgoing.send(handshakeBytes())
                if expected == .hungUpOn {
                    #expect(await inbox.untilClosed().isEmpty)
                    return
                }
                let peer = try #require(await peers.first(1).first)
                #expect(peer.isEncrypted == (expected == .encrypted))
                let incoming = try await peer.adopt(on: runtime.loops[1], configure: read(into: .init())).get()
                try await incoming.send(handshakeBytes())
                #expect(await inbox.first(68) == handshakeBytes())
            }
        }
    }

    @Test(arguments: [[1], [20, 47, 48, 49], [68], [10_000, 70_000]])
    func streamsSurviveTheMove(cuts: [Int]) async throws {
        try await withRuntime(loops: 2) { runtime in
            let options = TestListener.Options(
                binding: .loopback,
                encryption: .require,
                findTorrent: Self.table([.swarm])
            )
            try await withListener(runtime, options) { listener, peers in
                // The strangers' loops alternate, so one of the two moves.
                #expect(runtime.loops.count == 2)
                for (index, loop) in runtime.loops.enumerated() {
                    let atDialer = Inbox<UInt8>()
                    let atListener = Inbox<UInt8>()
                    let dialer = makeDialer(.require, runtime)
                    let outgoing = try await dialer.dial(
                        listener.endpoints[0],
                        infoHash: .swarm,
                        on: runtime.loops[0],
                        configure: read(into: atDialer)
                    ).get()
                    let adopting = Task {
                        let peer = try #require(await peers.first(index + 1).last)
                        return try await peer.adopt(on: loop, configure: read(into: atListener)).get()
                    }
                    let sent = handshakeBytes() + pattern(200_000)
                    var start = 0
                    for end in cuts + [sent.count] {
                        try await outgoing.send(Array(sent[start..<end]))
                        start = end
                    }
                    let incoming = try await adopting.value
                    #expect(incoming.isEncrypted && outgoing.isEncrypted)
                    #expect(await atListener.first(sent.count) == sent)
                    try await incoming.send(sent)
                    #expect(await atDialer.first(sent.count) == sent)
                }
            }
        }
    }

    @Test func sharedBuffersAreNotEncryptedInPlace() async throws {
        try await withRuntime { runtime in
            let options = TestListener.Options(binding: .loopback, findTorrent: Self.table([.swarm]))
            try await withListener(runtime, options) { listener, peers in
                let dialer = makeDialer(.require, runtime)
                let tags = Inbox<UInt32>()
                let stream = try await dialer.dial(
                    listener.endpoints[0],
                    infoHash: .swarm,
                    on: runtime.loops[0],
                    configure: read(into: Inbox(), tags: tags)
                ).get().stream
                let slab = ByteBuffer(bytes: handshakeBytes() + pattern(100_000))
                let inbox = Inbox<UInt8>()
                let first = slab.getSlice(at: 0, length: 70_000)!
                let second = slab.getSlice(at: 70_000, length: 30_000)!
                let third = slab.getSlice(at: 100_000, length: slab.readableBytes - 100_000)!
                try await stream.loop.submit {
                    stream.write(first, tag: 7)
                    stream.write(second, tag: nil)
                    stream.write(third, tag: 6)
                    stream.flush()
                }.get()
                #expect(await tags.first(2) == [7, 6])
                let peer = try #require(await peers.first(1).first)
                _ = try await peer.adopt(on: runtime.loops[1], configure: read(into: inbox)).get()
                let sent = handshakeBytes() + pattern(100_000)
                #expect(await inbox.first(sent.count) == sent)
                #expect(Array(buffer: slab) == sent)
            }
        }
    }

    @Test func unknownTorrentsAndGarbageAreHungUpOn() async throws {
        try await withRuntime { runtime in
            let options = TestListener.Options(binding: .loopback, findTorrent: Self.table([]))
            try await withListener(runtime, options) { listener, peers in
                let dialer = makeDialer(.require, runtime)
                let code = await failure {
                    try await dialer.dial(
                        listener.endpoints[0],
                        infoHash: .swarm,
                        on: runtime.loops[0],
                        configure: ignore
                    ).get()
                }
                #expect(code == .closed)
                let garbage = try await RawClient(to: listener.endpoints[0], on: runtime)
                // More than a key and the longest pad, so the search for the pad's end gives up.
                try? await garbage.send(pattern(4000))
                _ = await garbage.inbox.untilClosed()
                #expect(peers.all.isEmpty)
            }
        }
    }

    @Test func silentOtherSideTimesOut() async throws {
        var limits = TransportLimits.patient
        limits.encryptionTimeout = .milliseconds(50)
        try await withRuntime(limits: limits) { runtime in
            let silent = try SilentServer()
            let dialer = makeDialer(.require, runtime)
            let code = await failure {
                try await dialer.dial(silent.endpoint, infoHash: .swarm, on: runtime.loops[0], configure: ignore).get()
            }
            #expect(code == .timeout)
        }
    }

    static func table(_ infoHashes: [SHA1Digest]) -> @Sendable (SHA1Digest) -> SHA1Digest? {
        let table = TorrentLookupTable()
        for infoHash in infoHashes { table.insert(infoHash) }
        return { table.infoHash(forLookupKey: $0) }
    }
}
