// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheTransport
import RucheWire
import Testing

/// Runs in a network namespace beside another client. `Tests/Interop` sets the environment.
private let infoHash = ProcessInfo.processInfo.environment["LOCAL_INFOHASH"].flatMap { SHA1Digest(hex: $0) }

@Suite("A real local network", .enabled(if: infoHash != nil, "the interop scenarios local-discovery.* run it"))
struct LocalNetworkTests {
    @Test("Another client's announcement is received", .timeLimit(.minutes(3)))
    func discovery() async throws {
        let infoHash = try #require(infoHash)
        let wantsIPv4 = ProcessInfo.processInfo.environment["LOCAL_FAMILY"] != "6"
        let runtime = TransportRuntime(loopCount: 1, blockingThreadCount: 1)
        let discovery = LocalDiscovery(port: 6881, runtime: runtime)
        discovery.add(infoHash)
        var found: LocalDiscovery.Peer?
        for await peer in discovery.peers where peer.endpoint.address.isIPv4 == wantsIPv4 {
            found = peer
            break
        }
        print("found \(found.map { "\($0.endpoint)" } ?? "nobody")")
        #expect(found?.infoHash == infoHash)
        await discovery.close()
        await runtime.shutdown()
    }
}
