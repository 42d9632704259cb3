// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import Testing

/// A message between peers: each sends a greeting, and its user's messages.
struct Greeting: PeerExtension {
    typealias Report = String

    static let name: ExtensionName = "xy_greeting"

    init(in batch: inout ExtensionBatch<Self>) {}

    mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch event {
        case .joined: batch.send(Array("hello".utf8), to: peer)
        case .message(let bytes): batch.report(String(decoding: bytes, as: UTF8.self))
        case .hasRoom, .left: break
        }
    }

    mutating func handle(_ line: String, in batch: inout ExtensionBatch<Self>) {
        for peer in batch.peers { batch.send(Array(line.utf8), to: peer) }
    }
}

@Suite("A message between peers, simulated", .timeLimit(.minutes(1)))
struct GreetingSimulationTests {
    @Test func keepsToTheRulesOfExtensions() throws {
        #expect(try checkExtension(Greeting.self, messages: [Array("hello".utf8)], commands: ["good day"]).isEmpty)
    }
}

@Suite("A message between peers", .timeLimit(.minutes(1)))
struct GreetingTests {
    @Test func twoSessionsGreetEachOther() async throws {
        try await withWorkshop { workshop in
            let seed = try await workshop.makeSeed(sizes: [70_000])
            _ = try seed.session.extend(with: Greeting.self)
            let session = try await workshop.makeSession("leech")
            let (lines, heard) = AsyncStream.makeStream(of: String.self)
            let listening = Task { try await listen(to: session) { heard.yield($0) } }
            try await session.add(seed.metainfo, options: AddOptions(peers: seed.session.endpoints))
            #expect(await lines.first { _ in true } == "hello")
            await session.shutdown()
            try await listening.value
        }
    }

    private func listen(to session: Session, _ show: (String) -> Void) async throws {
        let messages = try session.extend(with: Greeting.self)
        for await report in messages.reports { show("\(report.report)") }
    }
}
