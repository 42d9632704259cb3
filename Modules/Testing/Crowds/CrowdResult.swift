// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// The result of a crowd's run.
public struct CrowdResult: Sendable {
    /// One of the peers that joined.
    public struct Member: Sendable {
        /// How the peer behaved.
        public let conduct: Conduct
        /// The capacity of its link.
        public let capacity: LinkCapacity
        /// When the peer joined.
        public let joinedAt: Instant
        /// When the peer was complete; nil if never.
        public let completedAt: Instant?
        /// When the run ended.
        public let endedAt: Instant
        /// The bytes of blocks that the peer sent.
        public let uploadedByteCount: Int
        /// The bytes of blocks that the peer received.
        public let downloadedByteCount: Int
        /// The bytes of received blocks that were redundant.
        public let redundantByteCount: Int

        /// Seconds from joining to completion; infinite if never.
        public var seconds: Double { completedAt.map { ($0 - joinedAt).seconds } ?? .infinity }
        /// Seconds from joining to completion, or to the end of the run for a peer that never completed.
        public var leastSeconds: Double { ((completedAt ?? endedAt) - joinedAt).seconds }
    }

    /// The fluid bound: the earliest time at which all sharers could possibly be complete.
    public let boundSeconds: Double
    /// The peers that joined.
    public let members: [Member]
    /// The bytes of blocks that the seed sent.
    public let seedUploadedByteCount: Int
    /// The bytes of blocks that all members together had sent by the end of each second.
    public let sentByteCounts: [Int]
    /// The size of the content in bytes.
    public let byteCount: Int
    /// The number of events on the virtual network.
    public let eventCount: Int

    /// The members that shared.
    public var sharers: [Member] { members.filter { $0.conduct == .honest } }
    /// The members that did not share.
    public var riders: [Member] { members.filter { $0.conduct == .freeRider } }

    /// The share of received bytes that were redundant, from 0 to 1.
    public var redundantShare: Double {
        let redundant = members.reduce(0) { $0 + $1.redundantByteCount }
        return Double(redundant) / Double(max(1, members.reduce(0) { $0 + $1.downloadedByteCount }))
    }
}

extension [CrowdResult.Member] {
    /// Seconds from the start of the run until the last member was complete; infinite if one never was.
    public var lastCompletion: Double { map { $0.completedAt.map { ($0 - .zero).seconds } ?? .infinity }.max() ?? 0 }
    /// The average number of seconds from joining to completion; infinite if a member never completed.
    public var meanSeconds: Double { reduce(0) { $0 + $1.seconds } / Double(Swift.max(1, count)) }
    /// The average number of seconds from joining to completion or to the end of the run.
    public var meanLeastSeconds: Double { reduce(0) { $0 + $1.leastSeconds } / Double(Swift.max(1, count)) }
}
