// SPDX-License-Identifier: Apache-2.0

package import RucheStorage
package import RucheWire

/// Decides how to treat a failing disk: a single failure is retried, and only lasting failure counts as trouble.
///
///     well ──failure──▶ doubted ──fails for `patience`──▶ in trouble
///       ▲                  │                                  │
///       └─────success──────┴──────────────success─────────────┘
///
/// Each kind of work is tracked separately. Failed work is retried after a pause that doubles, for as long as it takes,
/// so trouble ends by itself when its cause is gone. Passing errors (no descriptor, no room in the pool) are retried in
/// the same way and never become trouble. Owner: one torrent's driver, which makes the attempts.
package struct DiskHealth {
    /// What a torrent does with its disk.
    package enum Work: Hashable, Sendable {
        /// Writing pieces, and recording them in the journal.
        case store
        /// Making written data survive a power cut.
        case flush
        /// Renaming complete files to their final names.
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

        /// What prevents writing belongs to the user; what prevents reading may end.
        func isFinal(_ work: Work) -> Bool { !work.isReading && error.code.isFinal }
    }

    /// Pieces that may be doubted at once. A failed read of any other is refused, and nothing is remembered.
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

    /// Whether stored pieces may be flushed when that is due: only a failed flush, which has its own attempts, prevents
    /// it.
    package var allowsCheckpoint: Bool { doubts[.flush] == nil }

    /// Whether `piece` is known to be unreadable at present: requests for it are refused without asking the disk.
    package func isDoubted(_ piece: PieceIndex) -> Bool { !isWell && doubts[.read(piece)] != nil }

    /// Handles failed work: it is due again at `nextAttemptAt`.
    package mutating func handleFailure(of work: Work, _ error: StorageError, at now: Instant) {
        guard var doubt = doubts[work] else {
            if case .read = work, doubts.count >= Self.doubtedPieces { return }
            // A full pool has room again soon.
            let pause = min(error.code.passes ? patience / 160 : patience / 16, longestPause)
            doubts[work] = Doubt(since: now, error: error, pause: pause, nextAttemptAt: now + pause)
            return
        }
        // The first cause is reported, unless it was a passing one.
        if doubt.error.code.passes || !error.code.passes { doubt.error = error }
        if now >= doubt.nextAttemptAt {
            doubt.pause = min(doubt.pause * 2, longestPause)
            doubt.nextAttemptAt = now + doubt.pause
        }
        doubt.isAttempted = false
        doubts[work] = doubt
    }

    package mutating func handleSuccess(of work: Work) { doubts[work] = nil }

    /// Forgets all failures, because everything has been examined.
    package mutating func reset() { doubts = [:] }

    /// When something is due again; nil if nothing is, or if another attempt of its kind is running.
    package var nextAttemptAt: Instant? { waiting.values.lazy.map(\.nextAttemptAt).min() }

    /// Returns the work to attempt again now: of unreadable pieces one at a time, because each takes its length in
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

    /// Returns what has failed for longer than `patience`, or for good; nil if nothing has. Reading comes first.
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

/// A disk failure that lasts.
package struct DiskTrouble: Hashable, Sendable {
    /// The file, and the reason.
    package let error: StorageError
    /// Announced pieces cannot be read: the swarm is left meanwhile. Otherwise only downloading stops.
    package let stopsSharing: Bool
    /// Only the user can end it.
    package let isFinal: Bool
}

extension DiskHealth.Work {
    fileprivate var isReading: Bool { if case .read = self { true } else { false } }
}

extension StorageError.Code {
    /// Every attempt fails until the user changes something: what is in the way belongs to the user.
    package var isFinal: Bool { self == .occupied }
}
