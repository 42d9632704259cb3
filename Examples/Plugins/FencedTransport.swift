// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheSwarm
import RucheTesting
import Testing

/// A transport that wraps another one and connects only with peers on this machine. A transport for a proxy or another
/// network has the same members, with its own streams.
struct FencedTransport: PeerTransport {
    let base: any PeerTransport

    var kind: TransportKind { base.kind }

    func canReach(_ remote: PeerEndpoint) -> Bool { remote.address.isLoopback && base.canReach(remote) }

    func dial(
        _ dial: PeerDial,
        on loop: any EventLoop,
        then: @escaping @Sendable (Result<any PeerStream, TransportError>) -> Void
    ) -> DialTicket { base.dial(dial, on: loop, then: then) }

    func listen(_ door: any PeerDoor) async throws(TransportError) -> [PeerEndpoint] {
        try await base.listen(FencedDoor(base: door))
    }

    func close() async { await base.close() }
}

/// Accepts the peers that the transport may dial.
private struct FencedDoor: PeerDoor {
    let base: any PeerDoor

    func isClosed(to address: IPAddress) -> Bool { !address.isLoopback || base.isClosed(to: address) }

    func admit(_ remote: PeerEndpoint) -> StrangerPass? { remote.address.isLoopback ? base.admit(remote) : nil }

    func enter(_ stream: any AcceptedStream, with pass: StrangerPass) { base.enter(stream, with: pass) }
}

extension TransportRecipe {
    /// TCP, on this machine only.
    static let fencedTCP = TransportRecipe(.tcp) { context throws(TransportError) in
        FencedTransport(base: try TransportRecipe.tcp.makeTransport(context))
    }
}

@Suite("A custom transport", .timeLimit(.minutes(2)))
struct FencedTransportTests {
    @Test func keepsToTheRulesOfTransports() async throws {
        let runtime = TransportRuntime(loopCount: 2)
        let context = TransportRecipe.Context(runtime: runtime, binding: .loopback, port: 0)
        let (dialling, listening) = (
            try TransportRecipe.fencedTCP.makeTransport(context), try TransportRecipe.fencedTCP.makeTransport(context)
        )
        let findings = try await checkPeerTransport(dialling: dialling, listening: listening, runtime: runtime)
        await dialling.close()
        await listening.close()
        await runtime.shutdown()
        #expect(findings.isEmpty)
    }

    @Test func sessionsShareOverIt() async throws {
        try await withWorkshop { workshop in
            let seed = try await workshop.makeSeed(sizes: [300_000]) { $0.transports = [.fencedTCP] }
            let session = try await workshop.makeSession("leech") { $0.transports = [.fencedTCP] }
            let options = AddOptions(peers: seed.session.endpoints)
            try await session.add(seed.metainfo, options: options).finished()
        }
    }
}
