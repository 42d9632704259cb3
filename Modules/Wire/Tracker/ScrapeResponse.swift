// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto

/// A tracker's counts for some swarms, over HTTP (BEP 48) or UDP (BEP 15).
package struct ScrapeResponse: Hashable, Sendable {
    /// Counts by info-hash. A swarm that the tracker does not know is missing; over UDP its counts are zero instead.
    package var swarms: [SHA1Digest: Counts]

    /// The counts of one swarm.
    package struct Counts: Hashable, Sendable {
        /// The number of seeds.
        package var seedCount: Int
        /// The number of leechers.
        package var leecherCount: Int
        /// How many times the torrent has been completed.
        package var downloadCount: Int

        /// Creates counts.
        package init(seedCount: Int, leecherCount: Int, downloadCount: Int) {
            self.seedCount = seedCount
            self.leecherCount = leecherCount
            self.downloadCount = downloadCount
        }
    }

    /// Creates a response.
    package init(swarms: [SHA1Digest: Counts]) { self.swarms = swarms }
}
