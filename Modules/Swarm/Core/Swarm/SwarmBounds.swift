// SPDX-License-Identifier: Apache-2.0

/// Limits for what is kept of a peer's minor messages.
enum SwarmBounds {
    /// Pieces beyond the end of growing content, or beyond a peer's first bitfield, that we remember the peer to have.
    static let piecesAhead = 4_096
    /// `suggest` messages remembered per peer: the latest.
    static let suggestions = 32
    /// `allowed fast` messages remembered per peer; more are ignored.
    static let allowedFast = 64
    /// Refused requests of one peer between two ticks before they count as a flood.
    static let refusalsPerTick: Int32 = 2_000
    /// Times that free upload slots are assigned between two ticks; peers that become interested later wait for the
    /// tick.
    static let fillsPerTick = 8
    /// Times between two ticks that one peer gets fewer requests than it could take before it waits for the tick.
    static let vainRefillsPerTick: Int32 = 16
    /// Peers examined between two ticks because others released requests.
    static let feedsPerTick = 16
    /// Pieces recounted per tick because a peer has become a seed or is no longer one; at least one peer.
    static let recountedPiecesPerTick = 65_536
    /// Pieces that a seed may lose between two ticks (BEP 54).
    static let lossesPerTick = 32
    /// Nodes of trees kept for hash requests; or a single tree.
    static let keptTreeNodes = 1 << 20
    /// Each further conviction at an address multiplies the length of its ban by this factor.
    static let banFactor: Int64 = 4
    /// Convictions at one address that make its ban longer.
    static let countedConvictions = 8
    /// A download with less than this from all peers together is starving; bytes per second.
    static let starvingRate = 2_048.0
    /// The share of places, as a divisor, that goes to other peers at a time while it is starving.
    static let turnoverDivisor = 10
    /// Concurrent candidates for the metadata.
    static let metadataCandidates = 4
    /// How many times the time for a candidate may double.
    static let metadataDoublings = 5
    /// A peer whose blocks take this many times as long as others' is a laggard.
    static let laggardFactor: Int64 = 4
    /// Requests rejected during one choke before they count as a flood.
    static let rejectedRequests = 2_000
}
