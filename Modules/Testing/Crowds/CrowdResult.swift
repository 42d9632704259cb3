// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// What came of a crowd.
public struct CrowdResult: Sendable {
    /// One of those who came.
    public struct Member: Sendable {
        /// How it behaved.
        public let conduct: Conduct
        /// Its link.
        public let capacity: LinkCapacity
        /// When it came.
        public let joinedAt: Instant
        /// When it had everything; nil: never.
        public let completedAt: Instant?
        /// When the run was over.
        public let endedAt: Instant
        /// Bytes of blocks that it sent.
        public let uploadedByteCount: Int
        /// Bytes of blocks that it received.
        public let downloadedByteCount: Int
        /// Bytes of blocks that came and were of no use.
        public let redundantByteCount: Int

        /// Seconds from coming to completion; infinite for never.
        public var seconds: Double { completedAt.map { ($0 - joinedAt).seconds } ?? .infinity }
        /// Seconds that it took at least: whoever has not finished has taken as long as the run.
        public var leastSeconds: Double { ((completedAt ?? endedAt) - joinedAt).seconds }
    }

    /// Before this nobody could have had everybody done.
    public let boundSeconds: Double
    /// Those who came.
    public let members: [Member]
    /// Bytes of blocks that the seed sent.
    public let seedUploadedByteCount: Int
    /// Bytes of blocks that all members together had sent at the end of each second.
    public let sentByteCounts: [Int]
    /// Bytes of the content.
    public let byteCount: Int
    /// Events of the virtual network.
    public let eventCount: Int

    /// Those who shared.
    public var sharers: [Member] { members.filter { $0.conduct == .honest } }
    /// Those who did not.
    public var riders: [Member] { members.filter { $0.conduct == .freeRider } }

    /// Bytes that came and were of no use, of all that came.
    public var redundantShare: Double {
        let redundant = members.reduce(0) { $0 + $1.redundantByteCount }
        return Double(redundant) / Double(max(1, members.reduce(0) { $0 + $1.downloadedByteCount }))
    }
}

extension [CrowdResult.Member] {
    /// Seconds from the beginning until the last was done.
    public var lastCompletion: Double { map { $0.completedAt.map { ($0 - .zero).seconds } ?? .infinity }.max() ?? 0 }
    /// Seconds that they took, on average.
    public var meanSeconds: Double { reduce(0) { $0 + $1.seconds } / Double(Swift.max(1, count)) }
    /// Seconds that they took at least, on average.
    public var meanLeastSeconds: Double { reduce(0) { $0 + $1.leastSeconds } / Double(Swift.max(1, count)) }
}
