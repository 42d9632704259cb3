// SPDX-License-Identifier: Apache-2.0

public import RucheSwarm
public import RucheWire

/// A swarm to measure scheduling with: who comes, when, with which link, and when they go.
///
/// Times are as if the content were of `pieceCount` pieces; links are in bytes per second. `run` plays it with the
/// production core and holds it against the fluid bound.
public struct Crowd: Sendable {
    /// Some peers that are alike.
    public struct Group: Sendable {
        /// How many.
        public var count: Int
        /// Their link.
        public var capacity: LinkCapacity
        /// How they behave.
        public var conduct: Conduct

        /// A group by its parts.
        public init(_ count: Int, _ capacity: LinkCapacity, _ conduct: Conduct = .honest) {
            self.count = count
            self.capacity = capacity
            self.conduct = conduct
        }
    }

    /// When peers come.
    public enum Arrival: Hashable, Sendable {
        /// All within the first second.
        case atOnce
        /// One after the other, by chance, so many a second on average.
        case poisson(perSecond: Double)
    }

    /// When peers go.
    public enum Departure: Hashable, Sendable {
        /// They stay and seed.
        case never
        /// This share of them, as soon as they have everything; the others stay.
        case onCompletion(share: Double)
        /// Each, once it has everything and has given as much as it took.
        case onEvenRatio
    }

    /// Pieces of the content.
    public var pieceCount = 512
    /// Bytes of a piece.
    public var pieceLength = 64 << 10
    /// The one peer that has everything from the beginning, and stays.
    public var seed: LinkCapacity
    /// Those who come for it, in no order.
    public var groups: [Group]
    /// When they come.
    public var arrival = Arrival.atOnce
    /// When they go.
    public var departure = Departure.never
    /// The network between them.
    public var conditions = NetworkConditions()
    /// The core's limits.
    public var limits = SwarmLimits()
    /// Those who never share are waited for so many times as long as the last one who has finished took.
    public static let ridersPatience: Int64 = 3

    /// Who has not finished by then never will.
    public var patience = Interval.minutes(180)

    /// A crowd before one seed.
    public init(seed: LinkCapacity, _ groups: [Group]) {
        self.seed = seed
        self.groups = groups
    }

    /// Bytes of the content.
    public var byteCount: Int { pieceCount * pieceLength }

    /// Plays it. All chance comes from `seed`.
    ///
    /// - Throws: `MetainfoError` where the crowd's torrent cannot be made.
    public func run(seed: UInt64) throws -> CrowdResult {
        let play = CrowdPlay(self, torrent: try makeTorrent(), seed: seed)
        play.run()
        return play.makeResult()
    }

    private func makeTorrent() throws(MetainfoError) -> VirtualTorrent {
        try VirtualTorrent(.v1, pieceLength: pieceLength, fileSizes: [byteCount], seed: 1)
    }
}
