// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire
import Testing

/// What strangers can't use up, and what we can't either.
struct LimitTests {
    @Test func pendingConnectionsAreBounded() async throws {
        var limits = TransportLimits.patient
        limits.pendingIncoming = 50
        limits.pendingIncomingPerAddress = 1000
        limits.incomingDeadline = .minutes(10)
        try await withRuntime(limits: limits) { runtime in
            try await withListener(runtime) { listener, _ in
                var clients: [RawClient] = []
                for _ in 0..<1000 {
                    // One that is turned away may see its connection reset before it has quite opened.
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

    @Test func oneAddressCannotHoldTheDoorShut() async throws {
        var limits = TransportLimits.patient
        limits.pendingIncomingPerAddress = 2
        limits.incomingDeadline = .minutes(10)
        try await withRuntime(limits: limits) { runtime in
            try await withListener(runtime) { listener, peers in
                var crowd: [RawClient] = []
                for _ in 0..<2 { crowd.append(try await RawClient(to: listener.endpoints[0], on: runtime)) }
                while listener.pendingCount < 2 { await Task.yield() }
                let third = try await RawClient(to: listener.endpoints[0], on: runtime)
                #expect(await third.inbox.untilClosed().isEmpty)
                #expect(listener.turnedAwayCount == 1)
                let elsewhere = IPAddress(v4: 0x7f00_0002)
                let binding = LocalBinding(addresses: [elsewhere])
                let dialer = PeerDialer(.init(binding: binding, encryption: .off), runtime: runtime)
                let other = try await dialer.dial(
                    listener.endpoints[0],
                    infoHash: .swarm,
                    on: runtime.loops[0]
                ) { _ in }.get()
                try await other.channel.writeAndFlush(ByteBuffer(bytes: handshakeBytes()))
                #expect(await peers.first(1).first?.remote.address == elsewhere)
                for client in crowd { try await client.channel.close() }
            }
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
                // Where the machine is so slow that the deadline comes before the handshake, another one tries.
                while peers.all.isEmpty {
                    let client = try await RawClient(to: listener.endpoints[0], on: runtime)
                    try? await client.send(handshakeBytes())
                    #expect(await client.inbox.untilClosed().isEmpty)
                }
                while listener.pendingCount > 0 { await Task.yield() }
                let code = await failure { try await peers.all[0].adopt(on: runtime.loops[0]) { _ in }.get() }
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
            let dialer = PeerDialer(.init(encryption: .require), runtime: runtime)
            let dials = (0..<10).map { _ in
                dialer.dial(silent.endpoint, infoHash: .swarm, on: runtime.nextLoop()) { _ in }
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
                let dialer = PeerDialer(.init(encryption: .off), runtime: runtime)
                let dials = (0..<10).map { _ in
                    dialer.dial(listener.endpoints[0], infoHash: .swarm, on: runtime.nextLoop()) { _ in }
                }
                for dial in dials { try await dial.get().channel.close() }
                #expect(dialer.waitingCount == 0)
            }
        }
    }

    #if os(Linux)
    @Test func unansweredDialTimesOut() async throws {
        var limits = TransportLimits.patient
        limits.connectTimeout = .milliseconds(100)
        try await withRuntime(limits: limits) { runtime in
            // With its backlog full, Linux answers no further SYN.
            let full = try SilentServer(backlog: 0)
            let dialer = PeerDialer(.init(encryption: .off), runtime: runtime)
            let dials = (0..<4).map { _ in
                dialer.dial(full.endpoint, infoHash: .swarm, on: runtime.loops[0]) { _ in }
            }
            var codes: [TransportError.Code?] = []
            for dial in dials { codes.append(await failure { try await dial.get() }) }
            #expect(codes.contains(.timeout))
        }
    }
    #endif
}
