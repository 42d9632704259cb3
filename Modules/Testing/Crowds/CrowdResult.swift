// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The result of a crowd's run.
package struct CrowdResult: Sendable {
    /// One of the peers that joined.
    package struct Member: Sendable {
        /// How the peer behaved.
        package let conduct: Conduct
        /// The capacity of its link.
        package let capacity: LinkCapacity
        /// When the peer joined.
        package let joinedAt: Instant
        /// When the peer was complete; nil if never.
        package let completedAt: Instant?
        /// When the run ended.
        package let endedAt: Instant
        /// The bytes of blocks that the peer sent.
        package let uploadedByteCount: Int
        /// The bytes of blocks that the peer received.
        package let downloadedByteCount: Int
        /// The bytes of received blocks that were redundant.
        package let redundantByteCount: Int

        /// Seconds from joining to completion; infinite if never.
        package var seconds: Double { completedAt.map { ($0 - joinedAt).seconds } ?? .infinity }
        /// Seconds from joining to completion, or to the end of the run for a peer that never completed.
        package var leastSeconds: Double { ((completedAt ?? endedAt) - joinedAt).seconds }
    }

    /// The fluid bound: the earliest time at which all sharers could possibly be complete.
    package let boundSeconds: Double
    /// The peers that joined.
    package let members: [Member]
    /// The bytes of blocks that the seed sent.
    package let seedUploadedByteCount: Int
    /// The bytes of blocks that all members together had sent by the end of each second.
    package let sentByteCounts: [Int]
    /// The size of the content in bytes.
    package let byteCount: Int
    /// The number of events on the virtual network.
    package let eventCount: Int

    /// The members that shared.
    package var sharers: [Member] { members.filter { $0.conduct == .honest } }
    /// The members that did not share.
    package var riders: [Member] { members.filter { $0.conduct == .freeRider } }

    /// The share of received bytes that were redundant, from 0 to 1.
    package var redundantShare: Double {
        let redundant = members.reduce(0) { $0 + $1.redundantByteCount }
        return Double(redundant) / Double(max(1, members.reduce(0) { $0 + $1.downloadedByteCount }))
    }
}

extension [CrowdResult.Member] {
    /// Seconds from the start of the run until the last member was complete; infinite if one never was.
    package var lastCompletion: Double { map { $0.completedAt.map { ($0 - .zero).seconds } ?? .infinity }.max() ?? 0 }
    /// The average number of seconds from joining to completion; infinite if a member never completed.
    package var meanSeconds: Double { reduce(0) { $0 + $1.seconds } / Double(Swift.max(1, count)) }
    /// The average number of seconds from joining to completion or to the end of the run.
    package var meanLeastSeconds: Double { reduce(0) { $0 + $1.leastSeconds } / Double(Swift.max(1, count)) }
}
