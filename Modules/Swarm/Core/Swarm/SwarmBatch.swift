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

    /// Appends an effect after the earlier ones.
    mutating func add(_ effect: SwarmEffect) { effects.append(effect) }

    /// Removes the effects once they have been executed.
    package mutating func removeAll() { effects.removeAll(keepingCapacity: true) }
}
