// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import ServiceLifecycle
import Testing

/// A session beside an app's other services: it ends with the group, after notifying its trackers and saving its files.
@Suite("A session in a ServiceGroup", .timeLimit(.minutes(1)))
struct ServiceTests {
    @Test func endsWithItsGroup() async throws {
        try await withWorkshop { workshop in
            let session = try await workshop.makeSession("service")
            let seed = try await workshop.makeSeed(sizes: [70_000])
            let torrent = try await session.add(seed.metainfo, options: AddOptions(peers: seed.session.endpoints))
            let group = ServiceGroup(services: [session], logger: .silent)
            async let running: Void = group.run()
            try await torrent.finished()
            await group.triggerGracefulShutdown()
            try await running
            await #expect(throws: TorrentError.self) { try await session.add(seed.metainfo) }
        }
    }
}
