// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// The torrents of a session: found by info-hash, in the order in which they were added, with whose turn it is.
struct TorrentRegistry {
    private let limits: SwarmLimits
    private var byHash: [SHA1Digest: Torrent] = [:]
    private var entries: [Entry] = []
    private var isClosed = false

    private struct Entry {
        let torrent: Torrent
        var activity: Activity
    }

    /// What counts against which limit.
    private enum Activity {
        /// Paused or failed: nothing.
        case idle
        case wantsToDownload
        case wantsToSeed
    }

    init(limits: SwarmLimits) { self.limits = limits }

    var ordered: [Torrent] { entries.map(\.torrent) }

    func torrent(named hash: SHA1Digest) -> Torrent? { byHash[hash] }

    /// `isPaused`: it begins so. Otherwise it waits for a turn to download until it is seen to be complete.
    mutating func insert(_ torrent: Torrent, isPaused: Bool) throws(TorrentError) {
        guard !isClosed else { throw TorrentError(.removed, "the session has been shut down") }
        for hash in torrent.hashes.wireHashes where byHash[hash] != nil {
            throw TorrentError(.duplicate, "the session has this torrent already: \(hash)")
        }
        for hash in torrent.hashes.wireHashes { byHash[hash] = torrent }
        entries.append(Entry(torrent: torrent, activity: isPaused ? .idle : .wantsToDownload))
    }

    mutating func remove(_ torrent: Torrent) -> Bool {
        guard let index = entries.firstIndex(where: { $0.torrent === torrent }) else { return false }
        entries.remove(at: index)
        for hash in torrent.hashes.wireHashes { byHash[hash] = nil }
        return true
    }

    mutating func close() -> [Torrent] {
        isClosed = true
        return ordered
    }

    /// Notes what a torrent does now; whether turns may have changed.
    mutating func note(_ state: TorrentState, of torrent: Torrent) -> Bool {
        guard let index = entries.firstIndex(where: { $0.torrent === torrent }) else { return false }
        let activity: Activity? =
            switch state {
            case .fetchingMetadata, .downloading: .wantsToDownload
            case .seeding: .wantsToSeed
            case .paused, .failed: .idle
            case .checking, .queued: nil
            }
        guard let activity, activity != entries[index].activity else { return false }
        entries[index].activity = activity
        return true
    }

    /// Who may run, first come first served.
    func turns() -> [(Torrent, Bool)] {
        var downloads = 0
        var seeds = 0
        return entries.map { entry in
            switch entry.activity {
            case .idle: return (entry.torrent, true)
            case .wantsToDownload:
                downloads += 1
                return (entry.torrent, downloads <= limits.activeDownloads)
            case .wantsToSeed:
                seeds += 1
                return (entry.torrent, seeds <= limits.activeSeeds)
            }
        }
    }
}
