// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The time of a batch of events, and what the core wants its driver to do because of them.
///
/// Owner: the driver. It sets `now` before it reports an event to the core, calls `SwarmCore.settle`, executes
/// `effects` in order, and starts the next batch with `removeAll`. The array keeps its memory from batch to batch.
package struct SwarmBatch {
    /// When the events happen.
    package var now: Instant
    /// What the driver must do, in this order.
    package private(set) var effects: [SwarmEffect] = []

    /// Creates an empty batch.
    package init(at instant: Instant) { now = instant }

    /// What parts of the core report to it. The core handles it once the part has returned.
    var news: [PartNews] = []
    /// A peer does not read what it is sent: `settle` disconnects it.
    var isAnyOverfull = false

    /// Appends an effect after the earlier ones.
    mutating func add(_ effect: SwarmEffect) { effects.append(effect) }

    /// Reports misbehaviour, which the core counts against the peer's budget.
    mutating func accuse(_ peer: ConnectedPeer, of misbehaviour: Misbehaviour) {
        news.append(.accused(peer, misbehaviour))
    }

    /// Reports sources that are proven to have sent wrong blocks of `piece`.
    mutating func convict(_ culprits: [BlockSource], of piece: PieceIndex) {
        if !culprits.isEmpty { news.append(.convicted(culprits, piece)) }
    }

    /// Removes the effects once they have been executed.
    package mutating func removeAll() { effects.removeAll(keepingCapacity: true) }
}

/// What a part of the core reports to the core, because it concerns other parts too.
enum PartNews {
    /// The peer has misbehaved.
    case accused(ConnectedPeer, Misbehaviour)
    /// These sources are proven to have sent wrong blocks of the piece.
    case convicted([BlockSource], PieceIndex)
}
