// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// A tracker's counts for some swarms, over HTTP (BEP 48) or UDP (BEP 15).
public struct ScrapeResponse: Hashable, Sendable {
    /// Counts by info-hash. A swarm that the tracker does not know is missing; over UDP its counts are zero instead.
    public var swarms: [SHA1Digest: Counts]

    /// The counts of one swarm.
    public struct Counts: Hashable, Sendable {
        /// The number of seeds.
        public var seedCount: Int
        /// The number of leechers.
        public var leecherCount: Int
        /// How many times the torrent has been completed.
        public var downloadCount: Int

        /// Creates counts.
        public init(seedCount: Int, leecherCount: Int, downloadCount: Int) {
            self.seedCount = seedCount
            self.leecherCount = leecherCount
            self.downloadCount = downloadCount
        }
    }

    /// Creates a response.
    public init(swarms: [SHA1Digest: Counts]) { self.swarms = swarms }
}
