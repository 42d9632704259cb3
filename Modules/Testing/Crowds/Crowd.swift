// SPDX-License-Identifier: Apache-2.0

package import RucheSwarm
package import RucheWire

/// A swarm with which to measure scheduling: how many peers join, when, with which links, and when they leave.
///
/// Links are in bytes per second. `run` simulates the crowd with the production core and compares the result with the
/// fluid bound.
package struct Crowd: Sendable {
    /// A number of peers of the same kind.
    package struct Group: Sendable {
        /// The number of peers.
        package var count: Int
        /// The capacity of each peer's link.
        package var capacity: LinkCapacity
        /// How the peers behave.
        package var conduct: Conduct

        /// Creates a group.
        package init(_ count: Int, _ capacity: LinkCapacity, _ conduct: Conduct = .honest) {
            self.count = count
            self.capacity = capacity
            self.conduct = conduct
        }
    }

    /// When peers join.
    package enum Arrival: Hashable, Sendable {
        /// All of them within the first second.
        case atOnce
        /// One after another at random, at this average rate per second.
        case poisson(perSecond: Double)
    }

    /// When peers leave.
    package enum Departure: Hashable, Sendable {
        /// Peers stay and seed.
        case never
        /// This share of the peers leave when they are complete, from 0 to 1. The others stay.
        case onCompletion(share: Double)
        /// A peer leaves when it is complete and has uploaded as much as it downloaded.
        case onEvenRatio
    }

    /// The number of pieces of the content.
    package var pieceCount = 512
    /// The piece length in bytes.
    package var pieceLength = 64 << 10
    /// The link of the initial seed, which never leaves.
    package var seed: LinkCapacity
    /// The peers that join, in random order.
    package var groups: [Group]
    /// When peers join.
    package var arrival = Arrival.atOnce
    /// When peers leave.
    package var departure = Departure.never
    /// The conditions of the network.
    package var conditions = NetworkConditions()
    /// The limits of each peer's core.
    package var limits = SwarmLimits()
    /// The run waits for free riders until this many times the time at which the last other peer completed.
    package static let ridersPatience: Int64 = 3

    /// The maximum virtual duration of a run. A peer that is not complete by then counts as never completed.
    package var patience = Interval.minutes(180)

    /// Creates a crowd with one seed.
    package init(seed: LinkCapacity, _ groups: [Group]) {
        self.seed = seed
        self.groups = groups
    }

    /// The size of the content in bytes.
    package var byteCount: Int { pieceCount * pieceLength }

    /// Runs the simulation. `seed` determines everything random.
    ///
    /// - Throws: `MetainfoError` if the content does not make a valid torrent.
    package func run(seed: UInt64) throws -> CrowdResult {
        let play = CrowdPlay(self, torrent: try makeTorrent(), seed: seed)
        play.run()
        return play.makeResult()
    }

    private func makeTorrent() throws(MetainfoError) -> VirtualTorrent {
        try VirtualTorrent(.v1, pieceLength: pieceLength, fileSizes: [byteCount], seed: 1)
    }
}
