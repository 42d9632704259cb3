// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What must be kept of an `AnnounceSchedule` while its torrent is dormant: a small record per tracker, without text.
///
/// It is only valid with the URLs that the schedule was created from, in the same order.
package struct RestingSchedule: Hashable, Sendable {
    struct Tracker: Hashable, Sendable {
        /// See `AnnounceTier.due`.
        var due: Instant
        var retryAt: Instant
        var minimumUntil: Instant
        var trackerID: [UInt8]?
        /// The index among the URLs of all tiers.
        var place: UInt16
        var tier: UInt8
        var failureCount: UInt8
        var flags: Flags
    }

    struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let started = Flags(rawValue: 1)
        static let abandoned = Flags(rawValue: 2)
        static let completedPending = Flags(rawValue: 4)
    }

    /// The trackers, tier by tier, in the order in which they are tried.
    var trackers: [Tracker]

    /// Whether some tracker knows us.
    package var hasStarted: Bool { trackers.contains { $0.flags.contains(.started) } }

    /// Whether some tracker has not been told of the completion yet.
    var owesCompletion: Bool { trackers.contains { $0.flags.contains(.completedPending) } }
}

extension AnnounceSchedule {
    /// Continues from `resting`. Trackers that do not match `urls` are dropped.
    init(
        tiers urls: [[String]],
        resting: RestingSchedule,
        limits: TrackerLimits,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) {
        self.init(tiers: urls, isComplete: true, limits: limits, at: now, using: &random)
        let texts = urls.flatMap(\.self)
        var next = Array(repeating: 0, count: tiers.count)
        for record in resting.trackers where tiers.indices.contains(Int(record.tier)) {
            let tier = Int(record.tier)
            guard texts.indices.contains(Int(record.place)),
                let index = tiers[tier].trackers.firstIndex(where: {
                    $0.status.url.hasSameBytes(as: texts[Int(record.place)])
                })
            else { continue }
            tiers[tier].due = record.due
            tiers[tier].isCompletedPending = record.flags.contains(.completedPending)
            tiers[tier].trackers[index].resume(record)
            tiers[tier].trackers.swapAt(index, next[tier])
            next[tier] += 1
        }
    }

    /// Returns the state to keep. A running announce counts as answered.
    func rest(_ urls: [[String]]) -> RestingSchedule {
        let texts = urls.flatMap(\.self)
        var records: [RestingSchedule.Tracker] = []
        for (number, tier) in tiers.enumerated() {
            for tracker in tier.trackers {
                guard let index = texts.firstIndex(where: { $0.hasSameBytes(as: tracker.status.url) }),
                    let index = UInt16(exactly: index),
                    let number = UInt8(exactly: number)
                else { continue }
                var flags: RestingSchedule.Flags = []
                if tracker.mayKnowUs { flags.insert(.started) }
                if tracker.isAbandoned { flags.insert(.abandoned) }
                if tier.isCompletedPending { flags.insert(.completedPending) }
                records.append(
                    RestingSchedule.Tracker(
                        due: tier.due,
                        retryAt: tracker.retryAt,
                        minimumUntil: tracker.minimumUntil,
                        trackerID: tracker.trackerID,
                        place: index,
                        tier: number,
                        failureCount: UInt8(clamping: tracker.failureCount),
                        flags: flags
                    )
                )
            }
        }
        return RestingSchedule(trackers: records)
    }
}

extension AnnouncedTracker {
    fileprivate mutating func resume(_ record: RestingSchedule.Tracker) {
        retryAt = record.retryAt
        minimumUntil = record.minimumUntil
        trackerID = record.trackerID
        failureCount = Int(record.failureCount)
        hasStarted = record.flags.contains(.started)
        if record.flags.contains(.abandoned) {
            status.state = .abandoned
        } else if failureCount > 0 {
            status.state = .failing
        } else if hasStarted {
            status.state = .working
        }
    }
}
