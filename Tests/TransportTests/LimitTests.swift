// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire
import Testing

/// Limits on what strangers can use up, and on what we use.
struct LimitTests {
    @Test func pendingConnectionsAreBounded() async throws {
        var limits = TransportLimits.patient
        limits.pendingIncoming = 50
        limits.connections = 2_000
        limits.incomingDeadline = .minutes(10)
        try await withRuntime(limits: limits) { runtime in
            try await withListener(runtime) { listener, _ in
                var clients: [RawClient] = []
                for _ in 0..<1000 {
                    // A refused client may see its connection reset before it has opened.
                    guard let client = try? await RawClient(to: listener.endpoints[0], on: runtime) else { continue }
                    clients.append(client)
                    #expect(listener.pendingCount <= 50)
                }
                while listener.turnedAwayCount < 950 { await Task.yield() }
                #expect(listener.pendingCount == 50)
                for client in clients where client.channel.isActive { try? await client.channel.close() }
                // Their places are free again.
                while listener.pendingCount > 0 { await Task.yield() }
            }
        }
    }

    @Test("While there is room, one address may take all of it", arguments: [10, 200])
    func nobodyIsCapped(count: Int) async throws {
        var limits = TransportLimits.patient
        limits.connections = count
        limits.incomingDeadline = .minutes(10)
        try await withRuntime(limits: limits) { runtime in
            try await withListener(runtime) { listener, _ in
                var crowd: [RawClient] = []
                for _ in 0..<count { crowd.append(try await RawClient(to: listener.endpoints[0], on: runtime)) }
                while listener.pendingCount < count { await Task.yield() }
                #expect(listener.turnedAwayCount == 0 && crowd.allSatisfy(\.channel.isActive))
                let more = try await RawClient(to: listener.endpoints[0], on: runtime)
                #expect(await more.inbox.untilClosed().isEmpty, "the address has its share")
                #expect(listener.turnedAwayCount == 1)
                for client in crowd { try await client.channel.close() }
            }
        }
    }

    /// The newcomer has its own runtime, because its dial must not count here.
    @Test("An address that holds every place gives one up to another", arguments: [0, 48])
    func oneAddressCannotHoldTheDoorShut(handshakeByteCount: Int) async throws {
        var limits = TransportLimits.patient
        limits.connections = 20
        limits.incomingDeadline = .minutes(10)
        try await withRuntime(limits: limits) { runtime in
            try await withListener(runtime) { listener, peers in
                var crowd: [RawClient] = []
                for _ in 0..<20 {
                    let client = try await RawClient(to: listener.endpoints[0], on: runtime)
                    if handshakeByteCount > 0 { try await client.send(Array(handshakeBytes().prefix(48))) }
                    crowd.append(client)
                }
                while runtime.connectionCount < 20 { await Task.yield() }
                if handshakeByteCount > 0 {
                    // They are adopted after what they have sent, and keep their places.
                    for peer in await peers.first(20) { _ = peer.adopt(on: runtime.loops[0], configure: ignore) }
                    while listener.pendingCount > 0 { await Task.yield() }
                }
                #expect(runtime.connectionCount == 20)
                try await withRuntime { elsewhere in
                    let address = IPAddress(v4: 0x7f00_0002)
                    let dialer = makeDialer(.off, binding: LocalBinding(addresses: [address]), elsewhere)
                    let other = try await dialer.dial(
                        listener.endpoints[0],
                        infoHash: .swarm,
                        on: elsewhere.loops[0],
                        configure: ignore
                    ).get()
                    try await other.send(handshakeBytes())
                    let newcomer = await peers.first(handshakeByteCount > 0 ? 21 : 1).last
                    #expect(newcomer?.remote.address == address)
                    // The one that has waited longest had to give way.
                    #expect(await crowd[0].inbox.untilClosed().isEmpty)
                    #expect(runtime.connectionCount == 20)
                }
                for client in crowd where client.channel.isActive { try? await client.channel.close() }
            }
        }
    }

    @Test("A dial without a place reports that")
    func dialsNeedPlaces() async throws {
        var limits = TransportLimits.patient
        limits.connections = 2
        try await withRuntime(limits: limits) { runtime in
            let silent = try SilentServer()
            let dialer = makeDialer(.off, runtime)
            var open: [PeerConnection] = []
            for _ in 0..<2 {
                open.append(
                    try await dialer.dial(silent.endpoint, infoHash: .swarm, on: runtime.loops[0], configure: ignore)
                        .get()
                )
            }
            let third = dialer.dial(silent.endpoint, infoHash: .swarm, on: runtime.loops[0], configure: ignore)
            #expect(await failure { try await third.get() } == .limit)
            #expect(dialer.activeCount == 0 && runtime.connectionCount == 2)
            for connection in open { try await connection.close() }
            while runtime.connectionCount > 0 { await Task.yield() }
            silent.stop()
        }
    }

    @Test(arguments: [handshakeBytes(), pattern(48)])
    func dribblerIsDroppedAtTheDeadline(bytes: [UInt8]) async throws {
        var limits = TransportLimits.patient
        limits.incomingDeadline = .milliseconds(100)
        try await withRuntime(limits: limits) { runtime in
            try await withListener(runtime) { listener, peers in
                let client = try await RawClient(to: listener.endpoints[0], on: runtime)
                for byte in bytes.prefix(40) where client.channel.isActive {
                    try? await client.send([byte])
                    try await Task.sleep(for: .milliseconds(5))
                }
                #expect(await client.inbox.untilClosed().isEmpty)
                #expect(peers.all.isEmpty)
            }
        }
    }

    @Test func undecidedStrangerIsDroppedAtTheDeadline() async throws {
        var limits = TransportLimits.patient
        limits.incomingDeadline = .milliseconds(100)
        try await withRuntime(limits: limits) { runtime in
            try await withListener(runtime) { listener, peers in
                // On a slow machine the deadline may pass before the handshake; then another client tries.
                while peers.all.isEmpty {
                    let client = try await RawClient(to: listener.endpoints[0], on: runtime)
                    try? await client.send(handshakeBytes())
                    #expect(await client.inbox.untilClosed().isEmpty)
                }
                while listener.pendingCount > 0 { await Task.yield() }
                let code = await failure { try await peers.all[0].adopt(on: runtime.loops[0], configure: ignore).get() }
                #expect(code == .closed)
            }
        }
    }

    @Test func dialsWaitForTheirTurn() async throws {
        var limits = TransportLimits.patient
        limits.halfOpenDials = 2
        limits.queuedDials = 3
        try await withRuntime(limits: limits) { runtime in
            let silent = try SilentServer()
            let dialer = makeDialer(.require, runtime)
            let dials = (0..<10).map { _ in
                dialer.dial(silent.endpoint, infoHash: .swarm, on: runtime.nextLoop(), configure: ignore)
            }
            #expect(dialer.activeCount == 2)
            #expect(dialer.waitingCount == 3)
            for refused in dials[5...] { #expect(await failure { try await refused.get() } == .limit) }
            dialer.close()
            for stopped in dials[2..<5] { #expect(await failure { try await stopped.get() } == .stopped) }
            silent.stop()
            for begun in dials[..<2] { #expect(await failure { try await begun.get() } == .closed) }
            #expect(dialer.activeCount == 0)
        }
    }

    @Test func placesOfFinishedDialsAreUsedAgain() async throws {
        var limits = TransportLimits.patient
        limits.halfOpenDials = 1
        try await withRuntime(limits: limits) { runtime in
            try await withListener(runtime) { listener, _ in
                let dialer = makeDialer(.off, runtime)
                let dials = (0..<10).map { _ in
                    dialer.dial(listener.endpoints[0], infoHash: .swarm, on: runtime.nextLoop(), configure: ignore)
                }
                for dial in dials { try await dial.get().close() }
                #expect(dialer.waitingCount == 0)
            }
        }
    }

    #if os(Linux)
    @Test func unansweredDialTimesOut() async throws {
        var limits = TransportLimits.patient
        limits.connectTimeout = .milliseconds(100)
        try await withRuntime(limits: limits) { runtime in
            // With a full backlog, Linux does not answer further SYNs.
            let full = try SilentServer(backlog: 0)
            let dialer = makeDialer(.off, runtime)
            let dials = (0..<4).map { _ in
                dialer.dial(full.endpoint, infoHash: .swarm, on: runtime.loops[0], configure: ignore)
            }
            var codes: [TransportError.Code?] = []
            for dial in dials { codes.append(await failure { try await dial.get() }) }
            #expect(codes.contains(.timeout))
        }
    }
    #endif
}
