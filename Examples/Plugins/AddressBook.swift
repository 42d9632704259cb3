// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import Synchronization
import Testing

/// A source of peers: friends known to share a torrent. It is asked again when the torrent needs more.
final class AddressBook: PeerSource {
    let traits = SourceTraits()
    private let friends = Mutex<[InfoHashes: [PeerEndpoint]]>([:])

    func note(_ endpoints: [PeerEndpoint], share hashes: InfoHashes) {
        friends.withLock { $0[hashes, default: []] += endpoints }
    }

    func join(
        _ swarm: SourceContext,
        found: @escaping @Sendable ([PeerEndpoint]) -> Void
    ) -> any SourceMembership {
        Membership { [self] in found(friends.withLock { $0[swarm.hashes] ?? [] }) }
    }

    private final class Membership: SourceMembership {
        private let look: @Sendable () -> Void

        init(_ look: @escaping @Sendable () -> Void) {
            self.look = look
            look()
        }

        func note(_ change: SwarmChange) { if change == .needsPeers { look() } }

        func leave(then: @escaping @Sendable () -> Void) { then() }
    }
}

@Suite("A source of peers", .timeLimit(.minutes(1)))
struct AddressBookTests {
    @Test func keepsToTheRulesOfSources() async {
        #expect(await checkPeerSource(AddressBook()).isEmpty)
    }

    @Test func sessionFindsFriendsInIt() async throws {
        try await withWorkshop { workshop in
            let seed = try await workshop.makeSeed(sizes: [300_000])
            let book = AddressBook()
            let session = try await workshop.makeSession("leech") { $0.sources = [book] }
            let torrent = try await session.add(seed.metainfo)
            // Added after the torrent has joined: it asks again.
            book.note(seed.session.endpoints, share: torrent.hashes)
            try await torrent.finished()
        }
    }
}
