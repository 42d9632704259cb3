// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// What a tracker knows of some swarms, whether by HTTP (BEP 48) or UDP (BEP 15).
public struct ScrapeResponse: Hashable, Sendable {
    /// Swarms by info-hash; those that the tracker doesn't know are missing, or all zero over UDP.
    public var swarms: [SHA1Digest: Counts]

    /// One swarm.
    public struct Counts: Hashable, Sendable {
        /// Peers that are complete.
        public var seedCount: Int
        /// Peers that are not.
        public var leecherCount: Int
        /// How often the torrent was completed.
        public var downloadCount: Int

        /// Counts by their parts.
        public init(seedCount: Int, leecherCount: Int, downloadCount: Int) {
            self.seedCount = seedCount
            self.leecherCount = leecherCount
            self.downloadCount = downloadCount
        }
    }

    /// A response from its parts.
    public init(swarms: [SHA1Digest: Counts]) { self.swarms = swarms }
}
