// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// The torrents of a session, found by info-hash or number, in the order in which they were added, and with their
/// turns.
///
/// Only `ordered` iterates over all of them: there may be very many.
struct TorrentRegistry {
    private var byHash: [SHA1Digest: Torrent] = [:]
    private var entries: [Int: Entry] = [:]
    private var downloads: TurnQueue
    private var seeds: TurnQueue
    private var isClosed = false

    private struct Entry {
        let torrent: Torrent
        var activity: Activity
    }

    /// What counts towards which limit.
    enum Activity {
        /// Paused or failed torrents count towards none.
        case idle
        case wantsToDownload
        case wantsToSeed
    }

    init(limits: SwarmLimits) {
        downloads = TurnQueue(limit: limits.activeDownloads)
        seeds = TurnQueue(limit: limits.activeSeeds)
    }

    var ordered: [Torrent] { entries.sorted { $0.key < $1.key }.map(\.value.torrent) }

    func torrent(named hash: SHA1Digest) -> Torrent? { byHash[hash] }

    func torrent(numbered number: Int) -> Torrent? { entries[number]?.torrent }

    func hasTurn(_ torrent: Torrent) -> Bool {
        switch entries[torrent.number]?.activity {
        case .idle: true
        case .wantsToDownload: downloads.hasTurn(torrent.number)
        case .wantsToSeed: seeds.hasTurn(torrent.number)
        case nil: false
        }
    }

    /// Adds a torrent. Returns the torrents whose turn may have changed.
    mutating func insert(_ torrent: Torrent, as activity: Activity) throws(TorrentError) -> [Torrent] {
        guard !isClosed else { throw TorrentError(.sessionEnded, "the session has been shut down") }
        for hash in torrent.hashes.wireHashes {
            if let present = byHash[hash] { throw TorrentError(duplicate: present) }
        }
        for hash in torrent.hashes.wireHashes { byHash[hash] = torrent }
        entries[torrent.number] = Entry(torrent: torrent, activity: activity)
        return torrents(enter(torrent.number, activity))
    }

    /// Removes a torrent. Returns the torrents whose turn may have changed, or nil if it was not in the session.
    mutating func remove(_ torrent: Torrent) -> [Torrent]? {
        guard let entry = entries[torrent.number], entry.torrent === torrent else { return nil }
        let changed = leave(torrent.number, entry.activity)
        entries[torrent.number] = nil
        for hash in torrent.hashes.wireHashes { byHash[hash] = nil }
        return torrents(changed)
    }

    mutating func close() -> [Torrent] {
        isClosed = true
        return ordered
    }

    /// Records a torrent's new state. Returns the torrents whose turn may have changed.
    mutating func note(_ state: TorrentState, of torrent: Torrent) -> [Torrent] {
        guard let activity = Activity(state), let old = entries[torrent.number]?.activity, old != activity else {
            return []
        }
        let left = leave(torrent.number, old)
        entries[torrent.number]?.activity = activity
        return torrents(left + enter(torrent.number, activity))
    }

    private mutating func enter(_ number: Int, _ activity: Activity) -> [Int] {
        switch activity {
        case .idle: [number]
        case .wantsToDownload: downloads.insert(number)
        case .wantsToSeed: seeds.insert(number)
        }
    }

    private mutating func leave(_ number: Int, _ activity: Activity) -> [Int] {
        switch activity {
        case .idle: [number]
        case .wantsToDownload: downloads.remove(number)
        case .wantsToSeed: seeds.remove(number)
        }
    }

    private func torrents(_ numbers: [Int]) -> [Torrent] { Set(numbers).compactMap { entries[$0]?.torrent } }
}

extension TorrentRegistry.Activity {
    /// Nil if it says nothing about what comes next.
    fileprivate init?(_ state: TorrentState) {
        switch state {
        case .fetchingMetadata, .downloading: self = .wantsToDownload
        case .seeding: self = .wantsToSeed
        case .paused, .failed, .suspended: self = .idle
        case .checking, .queued: return nil
        }
    }
}
