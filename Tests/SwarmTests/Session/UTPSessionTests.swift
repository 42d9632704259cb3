// SPDX-License-Identifier: Apache-2.0

import RucheStorage
import RucheTransport
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Sessions over uTP", .serialized, .timeLimit(.minutes(3)))
struct UTPSessionTests {
    private let ground: Playground

    init() throws { ground = try Playground() }

    @Test(
        "Two sessions share over uTP alone, encrypted or not",
        arguments: [EncryptionPolicy.off, .require]
    )
    func utpAlone(encryption: EncryptionPolicy) async throws {
        let metainfo = try await ground.makeTorrent(sizes: [4_000_000, 70_000])
        let seed = try await ground.makeSession("seed") {
            $0.transports = [.utp]
            $0.channels = encryption.channels
        }
        try await seed.add(metainfo).finished()
        let leech = try await ground.makeSession("leech") {
            $0.transports = [.utp]
            $0.channels = encryption.channels
        }
        try await leech.add(metainfo, options: .from(seed)).finished()
        #expect(ground.isSame("content/0", in: "leech") && ground.isSame("content/1", in: "leech"))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("Without TCP, the configured port is used by uTP")
    func configuredPort() async throws {
        let first = try await ground.makeSession("first") { $0.transports = [.utp] }
        let port = first.port
        await first.shutdown()
        let second = try await ground.makeSession("second") {
            $0.transports = [.utp]
            $0.port = port
        }
        #expect(second.port == port)
        await second.shutdown()
    }

    @Test("A peer that only supports TCP is reached by a session that prefers uTP")
    func fallback() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSeed(metainfo)
        let leech = try await ground.makeSession("leech") { $0.transports = [.utp, .tcp] }
        try await leech.add(metainfo, options: .from(seed)).finished()
        #expect(ground.isSame("content/0", in: "leech"))
        await leech.shutdown()
        await seed.shutdown()
    }
}
