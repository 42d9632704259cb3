// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// The contents of a session by the hashes that handshakes name. Owner: the session.
struct ContentTable {
    private var byHash: [SHA1Digest: ContentSwarm] = [:]
    private var ordered: [ContentSwarm] = []
    private var isClosed = false

    subscript(hash: SHA1Digest) -> ContentSwarm? { byHash[hash] }

    mutating func insert(_ swarm: ContentSwarm) throws(TorrentError) {
        guard !isClosed else { throw TorrentError(.sessionEnded, "the session has been shut down") }
        guard swarm.hashes.wireHashes.allSatisfy({ byHash[$0] == nil }) else {
            throw TorrentError(.duplicate, "the session shares a content of this info-hash already")
        }
        for hash in swarm.hashes.wireHashes { byHash[hash] = swarm }
        ordered.append(swarm)
    }

    /// Returns false if the content is not in the table.
    mutating func remove(_ swarm: ContentSwarm) -> Bool {
        guard let index = ordered.firstIndex(where: { $0 === swarm }) else { return false }
        ordered.remove(at: index)
        for hash in swarm.hashes.wireHashes where byHash[hash] === swarm { byHash[hash] = nil }
        return true
    }

    /// Refuses further contents from now on. Returns those that are shared, in the order in which they were added.
    mutating func close() -> [ContentSwarm] {
        isClosed = true
        return ordered
    }
}
