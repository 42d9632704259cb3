// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire
import Synchronization
import Testing

@testable import RucheTrackers

@Suite(.timeLimit(.minutes(2))) struct DormantAnnouncerTests {
    /// Returns the info-hash's first byte and the event of each announce.
    private func announces(_ server: UDPServer) -> [[UInt32]] {
        server.requests.filter { $0.action == 1 }.map { request in
            [UInt32(request.bytes[0]), ByteBuffer(bytes: request.bytes).getInteger(at: 64) ?? .max]
        }
    }

    private func makeSubject(_ id: Int) -> AnnounceSubject {
        AnnounceSubject(
            hashes: [SHA1Digest(Array(repeating: UInt8(truncatingIfNeeded: id), count: 20))].compactMap(\.self),
            peerID: PeerID(SHA1Digest()),
            port: 1,
            isCompleteAtStart: true,
            key: 1,
            stats: { AnnounceStats(uploaded: 1, downloaded: 2, left: 0) }
        )
    }

    private func wait(until condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(nanoseconds: 1_000_000) }
    }

    @Test("All torrents are announced, again at each interval, and finally as stopped")
    func wholeLives() async throws {
        var limits = TrackerLimits()
        limits.shortestInterval = .milliseconds(50)
        try await withClient(limits: limits) { client, runtime in
            let peer = PeerEndpoint(address: IPAddress(v4: 0x6162_6364), port: 1)
            let server = try await UDPServer(on: runtime, answer: UDPServer.tracker(interval: 0, peers: [peer]))
            let found = Mutex<Set<Int>>([])
            let announcer = DormantAnnouncer(client: client, findSubject: { makeSubject($0) }) { id, _ in
                found.withLock { _ = $0.insert(id) }
            }
            for id in 1...40 { announcer.add(id, tiers: [[server.url()]], resting: nil) }
            try await wait { (1...40).allSatisfy { id in announces(server).count { $0[0] == id } >= 2 } }
            // 2 is started, 0 none, 3 stopped.
            for id in 1...40 as ClosedRange<UInt32> {
                let events = announces(server).filter { $0[0] == id }.map { $0[1] }
                #expect(events[0] == 2 && events.dropFirst().allSatisfy { $0 == 0 })
            }
            #expect(found.withLock { $0 } == Set(1...40))
            await announcer.stopAndWait()
            #expect((1...40).allSatisfy { id in announces(server).contains([UInt32(id), 3]) })
        }
    }

    @Test("A torrent that wakes continues its schedule, and back")
    func handingOver() async throws {
        try await withClient { client, runtime in
            let server = try await UDPServer(on: runtime, answer: UDPServer.tracker(peers: []))
            let announcer = DormantAnnouncer(client: client, findSubject: { makeSubject($0) }) { _, _ in }
            let tiers = [["http://127.0.0.1:1/announce", server.url()]]
            announcer.add(7, tiers: tiers, resting: nil)
            var resting: RestingSchedule?
            while resting?.trackers.contains(where: { $0.flags.contains(.started) && $0.due > .now }) != true {
                resting = announcer.remove(7)
                announcer.add(7, tiers: tiers, resting: resting)
                try await Task.sleep(nanoseconds: 1_000_000)
            }
            let awake = TorrentAnnouncer(
                client: client,
                subject: makeSubject(7),
                tiers: tiers,
                resting: announcer.remove(7),
                untold: [],
                logger: Logger(label: "test")
            ) { _ in }
            #expect(awake.status.contains { $0.url == server.url() && $0.state == .working })
            #expect(awake.rest().hasStarted && announcer.count == 0)
            #expect(announces(server).count { $0[1] == 2 } >= 1)
            await announcer.stopAndWait()
        }
    }
}
