// SPDX-License-Identifier: Apache-2.0

package import RucheStorage
package import RucheWire

/// Decides what becomes of a disk that fails: one bad moment is tried again, and only what lasts counts as trouble.
///
///     well ──failure──▶ doubted ──fails for `patience`──▶ in trouble
///       ▲                  │                                  │
///       └─────success──────┴──────────────success─────────────┘
///
/// Each kind of work stands for itself. Work that has failed is attempted again after a pause that doubles, for as long as
/// it takes, so trouble ends by itself when its cause is gone. What passes by nature (no descriptor, no room in the
/// pool) is attempted again in the same way and never becomes trouble. Owner: one torrent's driver, which makes the attempts.
package struct DiskHealth {
    /// What a torrent does with its disk.
    package enum Work: Hashable, Sendable {
        /// Writing pieces, and noting them in the journal.
        case store
        /// Making what was written survive a power cut.
        case flush
        /// Giving complete files their names.
        case finish
        /// Reading a piece that we have.
        case read(PieceIndex)
    }

    private struct Doubt {
        let since: Instant
        var error: StorageError
        var pause: Interval
        var nextAttemptAt: Instant
        var isAttempted = false

        /// What is in the way of writing is the user's; what is in the way of reading may go again.
        func isFinal(_ work: Work) -> Bool { !work.isReading && error.code.isFinal }
    }

    /// Pieces that may be doubted at once. A read of a further one that fails is refused, and nothing is remembered.
    static let doubtedPieces = 64

    private let patience: Interval
    private let longestPause: Interval
    private var doubts: [Work: Doubt] = [:]

    package init(_ limits: SwarmLimits) {
        patience = limits.diskPatience
        longestPause = limits.diskRetryPause
    }

    /// Whether nothing is doubted.
    package var isWell: Bool { doubts.isEmpty }

    /// Whether what was stored may be flushed when that is due: nothing but a failed flush, which has its own attempts, is
    /// in the way.
    package var allowsCheckpoint: Bool { doubts[.flush] == nil }

    /// Whether `piece` is known not to be readable at the moment: requests for it are refused without asking the disk.
    package func isDoubted(_ piece: PieceIndex) -> Bool { !isWell && doubts[.read(piece)] != nil }

    /// Work has failed: it is due again at `nextAttemptAt`.
    package mutating func handleFailure(of work: Work, _ error: StorageError, at now: Instant) {
        guard var doubt = doubts[work] else {
            if case .read = work, doubts.count >= Self.doubtedPieces { return }
            // A full pool has room again in a moment.
            let pause = min(error.code.passes ? patience / 160 : patience / 16, longestPause)
            doubts[work] = Doubt(since: now, error: error, pause: pause, nextAttemptAt: now + pause)
            return
        }
        // The first cause is named, unless it was one that passes.
        if doubt.error.code.passes || !error.code.passes { doubt.error = error }
        if now >= doubt.nextAttemptAt {
            doubt.pause = min(doubt.pause * 2, longestPause)
            doubt.nextAttemptAt = now + doubt.pause
        }
        doubt.isAttempted = false
        doubts[work] = doubt
    }

    package mutating func handleSuccess(of work: Work) { doubts[work] = nil }

    /// Everything was looked at, and stands as it is now.
    package mutating func reset() { doubts = [:] }

    /// When something is due again; nil while nothing is, or something else of its kind is being attempted.
    package var nextAttemptAt: Instant? { waiting.values.lazy.map(\.nextAttemptAt).min() }

    /// What must be attempted again now: of pieces that cannot be read, one at a time, since each takes its length in
    /// memory. Each attempt is followed by `handleFailure` or `handleSuccess`.
    package mutating func nextAttempts(at now: Instant) -> [Work] {
        let due = waiting.filter { $1.nextAttemptAt <= now }.sorted { $0.value.nextAttemptAt < $1.value.nextAttemptAt }
        var attempts: [Work] = []
        for work in due.map(\.key) where !(work.isReading && attempts.contains(where: \.isReading)) {
            doubts[work]?.isAttempted = true
            attempts.append(work)
        }
        return attempts
    }

    private var waiting: [Work: Doubt] {
        let isReading = doubts.contains { $0.isReading && $1.isAttempted }
        return doubts.filter { !$1.isAttempted && !($0.isReading && isReading) }
    }

    /// What has failed for longer than we are patient, or for good; nil where nothing has. Reading comes first.
    package func trouble(at now: Instant) -> DiskTrouble? {
        let lasting = doubts.filter { work, doubt in
            doubt.isFinal(work) || !doubt.error.code.passes && now - doubt.since >= patience
        }
        let worst = lasting.min {
            ($0.key.isReading ? 0 : 1, $0.value.since) < ($1.key.isReading ? 0 : 1, $1.value.since)
        }
        return worst.map { work, doubt in
            DiskTrouble(error: doubt.error, stopsSharing: work.isReading, isFinal: doubt.isFinal(work))
        }
    }
}

/// A disk that fails for long.
package struct DiskTrouble: Hashable, Sendable {
    /// Which file it is, and why.
    package let error: StorageError
    /// What we claim to have cannot be read: the swarm is left meanwhile. Otherwise only fetching stands still.
    package let stopsSharing: Bool
    /// Only the user can end it.
    package let isFinal: Bool
}

extension DiskHealth.Work {
    fileprivate var isReading: Bool { if case .read = self { true } else { false } }
}

extension StorageError.Code {
    /// No attempt ends otherwise until the user changes something: what is in the way is the user's.
    package var isFinal: Bool { self == .occupied }
}
