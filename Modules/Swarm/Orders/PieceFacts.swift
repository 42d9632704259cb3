// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// The facts that determine the level of a piece, besides its index.
public struct PieceFacts: Hashable, Sendable {
    /// The number of connected peers that have the piece, except those that have everything.
    public var availability: Int
    /// The user's priority of the piece.
    public var priority: FetchPriority
    /// The number of known pieces.
    public var pieceCount: Int

    /// Creates the facts of a piece.
    public init(availability: Int, priority: FetchPriority = .normal, pieceCount: Int) {
        self.availability = availability
        self.priority = priority
        self.pieceCount = pieceCount
    }
}

/// A piece that could be started.
public struct PieceCandidate: Hashable, Sendable {
    /// The piece.
    public var piece: PieceIndex
    /// The level that the order gave it, within the limits.
    public var level: Int
    /// The number of connected peers that have the piece, including those that have everything.
    public var availability: Int

    /// Creates a candidate.
    public init(_ piece: PieceIndex, level: Int, availability: Int) {
        self.piece = piece
        self.level = level
        self.availability = availability
    }
}

/// The peer from which a piece would be requested. Everything is measured or certain, except for what the peer claims
/// to have.
public struct OrderPeer: Hashable, Sendable {
    /// The peer's address; nil for a web seed.
    public var address: IPAddress?
    /// Whether the peer says that it has everything.
    public var isSeed: Bool
    /// Whether others are several times faster, or the peer has stopped sending.
    public var isSlow: Bool
    /// The expected time until the first block of the piece arrives.
    public var answerTime: Interval
    /// The expected time between one block and the next.
    public var blockTime: Interval

    /// Creates a peer, by default one about which nothing is known.
    public init(
        address: IPAddress? = nil,
        isSeed: Bool = false,
        isSlow: Bool = false,
        answerTime: Interval = .zero,
        blockTime: Interval = .zero
    ) {
        self.address = address
        self.isSeed = isSeed
        self.isSlow = isSlow
        self.answerTime = answerTime
        self.blockTime = blockTime
    }
}
