// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire
import Synchronization
import Testing

@testable import RucheTrackers

@Suite struct TorrentAnnouncerTests {
    private static let peer = PeerEndpoint(address: IPAddress(v4: 0x6162_6364), port: 0x6566)

    /// Returns the events that a UDP tracker was told, by info-hash's first byte.
    private func events(_ server: UDPServer) -> [[UInt32]] {
        server.requests.filter { $0.action == 1 }.map { request in
            [UInt32(request.bytes[0]), ByteBuffer(bytes: request.bytes).getInteger(at: 64) ?? .max]
        }
    }

    private func makeSubject(_ hashes: [UInt8] = [7], isComplete: Bool = false) -> AnnounceSubject {
        AnnounceSubject(
            hashes: hashes.compactMap { SHA1Digest(Array(repeating: $0, count: 20)) },
            peerID: PeerID(SHA1Digest()),
            port: 1,
            isCompleteAtStart: isComplete,
            key: 1,
            stats: { AnnounceStats(uploaded: 1, downloaded: 2, left: 3) }
        )
    }

    private func wait(until condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(nanoseconds: 1_000_000) }
    }

    @Test func aTorrentsWholeLifeIsReported() async throws {
        try await withClient { client, runtime in
            let server = try await UDPServer(on: runtime, answer: UDPServer.tracker(peers: [Self.peer]))
            let found = Mutex<[PeerEndpoint]>([])
            let announcer = TorrentAnnouncer(
                client: client,
                subject: makeSubject([7, 8]),
                tiers: [["http://127.0.0.1:1/announce", server.url()], ["wss://127.0.0.1/announce"]],
                logger: Logger(label: "test")
            ) { peers in found.withLock { $0 += peers } }
            try await wait { announcer.status.contains { $0.state == .working } }
            #expect(found.withLock { $0 } == [Self.peer])
            announcer.handleCompleted()
            announcer.handleCompleted()
            try await wait { events(server).count == 4 }
            try await wait { !announcer.status.contains { $0.state == .announcing } }
            #expect(Set(announcer.status.map(\.state)).isSubset(of: [.working, .abandoned, .waiting, .failing]))
            #expect(announcer.status.last?.state == .abandoned)
            await announcer.stopAndWait()
            #expect(events(server) == [[7, 2], [8, 2], [7, 1], [8, 1], [7, 3], [8, 3]])
            announcer.handleCompleted()
            announcer.handleNeedOfPeers()
            announcer.stop()
            await announcer.stopAndWait()
            #expect(events(server).count == 6)
        }
    }

    @Test("Peers named by host are resolved concurrently: the other peers arrive, and stopping does not wait")
    func namesOfPeers() async throws {
        let hosts = SilentHosts()
        defer { hosts.endSilence() }
        try await withClient(resolver: hosts) { client, runtime in
            let list = "d2:ip9:peer.test4:porti7eed2:ip9:192.0.2.14:porti9ee"
            let server = try await HTTPServer(on: runtime) { _ in
                HTTPServer.answer("d8:intervali1800e5:peersl\(list)ee")
            }
            let found = Mutex<[PeerEndpoint]>([])
            let announcers = (0..<2).map { _ in
                TorrentAnnouncer(
                    client: client,
                    subject: makeSubject(),
                    tiers: [[server.url()]],
                    logger: Logger(label: "test")
                ) { peers in found.withLock { $0 += peers } }
            }
            try await wait { announcers.allSatisfy { $0.status.contains { $0.state == .working } } }
            let numbered = try #require(PeerEndpoint("192.0.2.1:9"))
            #expect(found.withLock { $0 } == [numbered, numbered])
            // One announcer stops during the lookup, and receives no result.
            await announcers[0].stopAndWait()
            hosts.endSilence()
            try await wait { found.withLock { $0.count > 2 } }
            let named = try #require(PeerEndpoint("127.0.0.1:7"))
            #expect(found.withLock { $0 } == [numbered, numbered, named])
            await announcers[1].stopAndWait()
            await server.close()
        }
    }

    @Test func stoppingDoesNotWaitForTheSilent() async throws {
        var limits = TrackerLimits()
        limits.stopWait = .milliseconds(50)
        limits.stopTimeout = .milliseconds(100)
        try await withClient(limits: limits) { client, runtime in
            let server = try await UDPServer(on: runtime) { _ in nil }
            let announcer = TorrentAnnouncer(
                client: client,
                subject: makeSubject(),
                tiers: [[server.url()]],
                logger: Logger(label: "test"),
                onPeers: { _ in }
            )
            try await wait { !server.requests.isEmpty }
            await announcer.stopAndWait()
            #expect(events(server).isEmpty)
        }
    }

    @Test func aHostIsNotStormed() async throws {
        try await withClient { client, runtime in
            let tracker = UDPServer.tracker(peers: [Self.peer])
            let server = try await UDPServer(on: runtime, answer: tracker)
            let announcers = (0..<300).map { _ in
                TorrentAnnouncer(
                    client: client,
                    subject: makeSubject(isComplete: true),
                    tiers: [[server.url()]],
                    logger: Logger(label: "test"),
                    onPeers: { _ in }
                )
            }
            try await wait { announcers.allSatisfy { $0.status.first?.state == .working } }
            #expect(events(server).count == 300)
            let connects = server.requests.filter { $0.action == 0 }.count
            #expect(connects <= client.limits.requestsPerHost, "one connection id serves them all")
            for announcer in announcers { announcer.stop() }
            for announcer in announcers { await announcer.stopAndWait() }
        }
    }
}
