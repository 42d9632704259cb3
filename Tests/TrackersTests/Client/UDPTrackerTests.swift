// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheTransport
import RucheWire
import Testing

@testable import RucheTrackers

@Suite struct UDPTrackerTests {
    private static let peerV4 = PeerEndpoint(address: IPAddress(v4: 0x6162_6364), port: 0x6566)
    private static let peerV6 = PeerEndpoint(address: IPAddress(v6High: 1, low: 2), port: 3)

    @Test(arguments: [(IPAddress.loopbackV4, peerV4), (.loopbackV6, peerV6)])
    func announcesAndScrapes(address: IPAddress, peer: PeerEndpoint) async throws {
        try await withClient { client, runtime in
            let server = try await UDPServer(on: runtime, at: address, answer: UDPServer.tracker(peers: [peer, peer]))
            let response = try await client.announce(makeRequest(), to: server.url("/x?key=1"))
            #expect(response.peers == [peer, peer])
            #expect(response.minimumIntervalSeconds == 1800, "UDP trackers' interval is a minimum")
            #expect(response.leecherCount == 4 && response.seedCount == 5)
            let announce = try #require(server.requests.last)
            #expect(announce.bytes.suffix(10) == [2, 8] + Array("/x?key=1".utf8), "URL data (BEP 41)")
            let hashes = (0..<100).compactMap { SHA1Digest(Array(repeating: UInt8($0), count: 20)) }
            let scrape = try await client.scrape(hashes, at: server.url())
            #expect(scrape.swarms.count == 100)
            #expect(Set(scrape.swarms.values) == [.init(seedCount: 1, leecherCount: 3, downloadCount: 2)])
            #expect(server.requests.map(\.action) == [0, 1, 2, 2])
        }
    }

    @Test func aRefusalQuotesTheTracker() async throws {
        try await withClient { client, runtime in
            let server = try await UDPServer(on: runtime) { request in
                request.action == 0 ? (0, Array(repeating: 0, count: 8)) : (3, Array("go away".utf8))
            }
            let error = await #expect(throws: TrackerError.self) {
                try await client.announce(makeRequest(), to: server.url())
            }
            #expect(error == TrackerError(.refused, "go away"))
        }
    }

    @Test func lostDatagramsAreSentAgain() async throws {
        var limits = TrackerLimits()
        limits.udpTimeout = .milliseconds(20)
        limits.udpAttempts = 6
        try await withClient(limits: limits) { client, runtime in
            let tracker = UDPServer.tracker(peers: [Self.peerV4])
            let counter = Counter()
            let server = try await UDPServer(on: runtime) { counter.next().isMultiple(of: 2) ? tracker($0) : nil }
            #expect(try await client.announce(makeRequest(), to: server.url()).peers == [Self.peerV4])
            #expect(server.requests.count >= 4)
        }
    }

    @Test func silenceIsATimeout() async throws {
        var limits = TrackerLimits()
        limits.udpTimeout = .milliseconds(5)
        try await withClient(limits: limits) { client, runtime in
            let server = try await UDPServer(on: runtime) { _ in nil }
            #expect(await failure { try await client.announce(makeRequest(), to: server.url()) } == .timeout)
            #expect(server.requests.count == limits.udpAttempts)
        }
    }

    @Test(arguments: [[], [1], Array(repeating: 0xff, count: 11)] as [[UInt8]])
    func shortAnswersAreMalformed(body: [UInt8]) async throws {
        try await withClient { client, runtime in
            let server = try await UDPServer(on: runtime) { request in
                request.action == 0 ? (0, Array(repeating: 0, count: 8)) : (request.action, body)
            }
            #expect(await failure { try await client.announce(makeRequest(), to: server.url()) } == .malformed)
        }
    }

    @Test func cancellingAndShuttingDownEndWhatIsUnderWay() async throws {
        try await withClient { client, runtime in
            let server = try await UDPServer(on: runtime) { _ in nil }
            let url = server.url()
            let tasks = (0..<6).map { _ in Task { await failure { try await client.announce(makeRequest(), to: url) } }
            }
            while server.requests.isEmpty { await Task.yield() }
            tasks[0].cancel()
            #expect(await tasks[0].value == .stopped)
            await client.shutdown()
            for task in tasks { #expect(await task.value == .stopped) }
            #expect(await failure { try await client.announce(makeRequest(), to: url) } == .stopped)
            #expect(
                await failure { try await client.announce(makeRequest(), to: "http://127.0.0.1:1/announce") }
                    == .stopped
            )
        }
    }

    @Test func unknownNamesAndLongPathsFail() async throws {
        try await withClient { client, _ in
            let long = "udp://127.0.0.1:1/" + String(repeating: "x", count: 600)
            #expect(await failure { try await client.announce(makeRequest(), to: long) } == .unfitURL)
            #expect(await failure { try await client.announce(makeRequest(), to: "udp://0.0.0.0:1") } == .lookup)
            #expect(await failure { try await client.announce(makeRequest(), to: "wss://localhost") } == .unfitURL)
        }
    }
}
