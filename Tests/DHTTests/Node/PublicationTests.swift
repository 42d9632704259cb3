// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheTransport
import RucheWire
import Testing

@testable import RucheDHT

/// A publisher's torrents, and their followers (BEP 46).
@Suite(.timeLimit(.minutes(5))) struct PublicationTests {
    private let author: Ed25519.PrivateKey
    private let first = SHA1.hash([1])
    private let second = SHA1.hash([2])

    init() {
        var random = SeededRandom(seed: 46)
        author = Ed25519.PrivateKey(using: &random)
    }

    @Test func aFollowerSeesEachVersionOnce() async throws {
        try await withDHTNodes(8) { nodes in
            let published = try await nodes[1].publish(first, by: author, salt: [5])
            #expect(published.infoHash == first && published.sequence == 1)
            let found = nodes[6].publications(of: author.publicKey, salt: [5], every: .milliseconds(100))
            var versions = found.makeAsyncIterator()
            #expect(try await versions.next() == published)
            // Publishing again is not a new version, on any node.
            #expect(try await nodes[3].publish(first, by: author, salt: [5]) == published)
            let update = try await nodes[3].publish(second, by: author, salt: [5])
            #expect(update.sequence == 2)
            #expect(try await versions.next() == update)
        }
    }

    /// The DHT forgets, or lies, while an author and a follower remember.
    @Test func whatTheyRememberIsNeverUndone() async throws {
        try await withDHTNodes(8) { nodes in
            let published = try await nodes[1].publish(first, by: author, after: 7)
            #expect(published.sequence == 8)
            // Returning to an earlier torrent is a new version.
            let update = try await nodes[2].publish(second, by: author, after: published.sequence)
            let comeback = try await nodes[3].publish(first, by: author, after: update.sequence)
            #expect(update.sequence == 9 && comeback.sequence == 10)
        }
    }

    @Test func authorsAndFollowersLearnWhyItFails() async throws {
        func code(_ body: () async throws -> Void) async -> DHTError.Code? {
            do { try await body() } catch { return (error as? DHTError)?.code }
            return nil
        }
        try await withDHTNodes(1) { nodes in
            #expect(await code { _ = try await nodes[0].publish(first, by: author) } == .noNodes)
        }
        try await withDHTNodes(4) { nodes in
            #expect(await code { _ = try await nodes[1].publish(first, by: author, after: .max) } == .unfitItem)
            let found = nodes[2].publications(of: author.publicKey, every: .milliseconds(100))
            await nodes[2].close()
            #expect(await code { for try await _ in found {} } == .stopped)
            #expect(await code { _ = try await nodes[2].publish(first, by: author) } == .stopped)
        }
    }

    @Test func onlyWhatIsNewerIsNews() throws {
        var follower = PublicationFollower(after: 4)
        #expect(follower.next(in: try item(first, 4)) == nil)
        #expect(follower.next(in: try item(first, 6))?.sequence == 6)
        #expect(follower.next(in: try item(second, 5)) == nil)
        #expect(follower.next(in: try item(second, 6)) == nil)
        #expect(follower.next(in: try item(second, 7))?.infoHash == second)
    }

    @Test func theLatestIsStoredAnewOnceAnHour() throws {
        var follower = PublicationFollower(after: -1)
        let latest = try item(first, 6)
        _ = follower.next(in: latest)
        var minutesOfWrites: [Int64] = []
        for minute: Int64 in 0...125 where follower.mustStoreAnew(latest, at: .zero + .minutes(minute)) {
            minutesOfWrites.append(minute)
        }
        #expect(minutesOfWrites == [60, 120])
        let isOldStored = follower.mustStoreAnew(try item(first, 5), at: .zero + .minutes(300))
        #expect(!isOldStored)
    }

    @Test func otherItemsAreNoPublications() throws {
        #expect(Publication(try DHTItem("text")) == nil)
        for value: BencodeValue in [
            .dictionary([:]), .dictionary([Array("ih".utf8): .integer(1)]),
            .dictionary([Array("ih".utf8): .string([1, 2, 3])]), .list([]),
        ] {
            #expect(Publication(try DHTItem(value, by: author, sequence: 1)) == nil)
        }
    }

    private func item(_ infoHash: SHA1Digest, _ sequence: Int64) throws -> DHTItem {
        try DHTItem(Publication.value(naming: infoHash), by: author, sequence: sequence)
    }
}
