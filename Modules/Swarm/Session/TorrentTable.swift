// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheTransport
internal import RucheWire

/// The torrents and other contents of a session: found by info-hash or number, in the order in which they were added.
///
/// Owner: the session. Nothing here walks over all torrents but `ordered`: there may be very many.
final class TorrentTable: Sendable {
    private struct State {
        var byHash: [SHA1Digest: Torrent] = [:]
        var byNumber: [Int: Torrent] = [:]
        var isClosed = false

        var ordered: [Torrent] { byNumber.sorted { $0.key < $1.key }.map(\.value) }
    }

    private let state = Locked(State())
    /// What the session shares in addition to torrents.
    let contents = Locked(ContentTable())
    /// Finds the info-hash that an encrypted handshake means.
    let lookup = TorrentLookupTable()

    var ordered: [Torrent] { state.withLock { $0.ordered } }

    func torrent(named hash: SHA1Digest) -> Torrent? { state.withLock { $0.byHash[hash] } }

    func torrent(numbered number: Int) -> Torrent? { state.withLock { $0.byNumber[number] } }

    /// The torrent that is known by one of these info-hashes.
    func torrent(for hashes: InfoHashes) -> Torrent? {
        state.withLock { state in
            for hash in hashes.wireHashes { if let torrent = state.byHash[hash] { return torrent } }
            return nil
        }
    }

    func infoHash(forLookupKey key: SHA1Digest) -> SHA1Digest? { lookup.infoHash(forLookupKey: key) }

    /// Hands a stranger to what it asks for.
    func adopt(_ incoming: IncomingPeer) {
        if let torrent = torrent(named: incoming.infoHash) { return torrent.adopt(incoming) }
        guard let content = contents.withLock({ $0[incoming.infoHash] }) else { return incoming.reject() }
        content.adopt(incoming)
    }

    /// Adds a torrent, which strangers find from then on.
    ///
    /// - Throws: `TorrentError`: `duplicate`, or `sessionEnded`.
    func insert(_ torrent: Torrent) throws(TorrentError) {
        try state.withLock { state throws(TorrentError) in
            guard !state.isClosed else { throw TorrentError(.sessionEnded, "the session has been shut down") }
            for hash in torrent.hashes.wireHashes {
                if let present = state.byHash[hash] { throw TorrentError(duplicate: present) }
            }
            for hash in torrent.hashes.wireHashes { state.byHash[hash] = torrent }
            state.byNumber[torrent.number] = torrent
        }
        for hash in torrent.hashes.wireHashes { lookup.insert(hash) }
    }

    /// Removes a torrent; false if it is not here.
    func remove(_ torrent: Torrent) -> Bool {
        let isHere = state.withLock { state in
            guard state.byNumber[torrent.number] === torrent else { return false }
            state.byNumber[torrent.number] = nil
            for hash in torrent.hashes.wireHashes { state.byHash[hash] = nil }
            return true
        }
        if isHere { for hash in torrent.hashes.wireHashes { lookup.remove(hash) } }
        return isHere
    }

    /// Removes content that has left its swarm.
    func remove(_ swarm: ContentSwarm) {
        guard contents.withLock({ $0.remove(swarm) }) else { return }
        for hash in swarm.hashes.wireHashes { lookup.remove(hash) }
    }

    /// Takes no further torrents; those that are here.
    func close() -> [Torrent] {
        state.withLock { state in
            state.isClosed = true
            return state.ordered
        }
    }
}
