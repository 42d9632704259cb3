// SPDX-License-Identifier: Apache-2.0

/// Which of a session's torrents may run: as many as the limits allow, in the order in which they were added.
///
/// It knows torrents by their numbers. Every change returns the numbers whose turn may have changed with it.
struct TurnTable {
    /// What counts towards which limit.
    enum Activity {
        /// Paused, failed or suspended: counts against nothing.
        case idle
        case wantsToDownload
        case wantsToSeed
    }

    private var activities: [Int: Activity] = [:]
    private var downloads: TurnQueue
    private var seeds: TurnQueue

    init(limits: SwarmLimits) {
        downloads = TurnQueue(limit: limits.activeDownloads)
        seeds = TurnQueue(limit: limits.activeSeeds)
    }

    func hasTurn(_ number: Int) -> Bool {
        switch activities[number] {
        case .idle: true
        case .wantsToDownload: downloads.hasTurn(number)
        case .wantsToSeed: seeds.hasTurn(number)
        case nil: false
        }
    }

    mutating func insert(_ number: Int, as activity: Activity) -> [Int] {
        activities[number] = activity
        return enter(number, activity)
    }

    mutating func remove(_ number: Int) -> [Int] {
        guard let activity = activities.removeValue(forKey: number) else { return [] }
        return leave(number, activity).filter { $0 != number }
    }

    /// Notes what a torrent does now.
    mutating func note(_ state: TorrentState, of number: Int) -> [Int] {
        guard let activity = Activity(state), let old = activities[number], old != activity else { return [] }
        let left = leave(number, old)
        activities[number] = activity
        return left + enter(number, activity)
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
}

extension TurnTable.Activity {
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
