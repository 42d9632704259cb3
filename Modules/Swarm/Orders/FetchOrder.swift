// SPDX-License-Identifier: Apache-2.0

/// The order in which pieces are downloaded. Pieces with a deadline, such as those that a reader needs next, come
/// before all others.
public struct FetchOrder: Sendable {
    enum Kind: Sendable {
        case rarestFirst
        case inOrder
        case own(any PieceOrder)
    }

    let kind: Kind

    /// Pieces that the fewest peers have come first: best for the swarm.
    public static let rarestFirst = FetchOrder(kind: .rarestFirst)
    /// From the first piece to the last, for a program that reads the files itself while they grow.
    public static let inOrder = FetchOrder(kind: .inOrder)

    /// An app's own order. It lasts until the torrent becomes dormant or the session ends.
    public init(_ order: some PieceOrder) { kind = .own(order) }

    private init(kind: Kind) { self.kind = kind }

    var isInOrder: Bool { if case .inOrder = kind { true } else { false } }

    /// The app's order; nil if it is one of the engine's.
    var own: (any PieceOrder)? { if case .own(let order) = kind { order } else { nil } }
}
