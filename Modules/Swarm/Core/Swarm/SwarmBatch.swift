// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The time of a batch of events, and what the core asks of its driver because of them.
///
/// Owner: the driver. It sets `now` before it tells the core of an event, calls `SwarmCore.settle`, carries out `effects`
/// in their order, and begins the next batch with `removeAll`. The array keeps its memory from batch to batch.
package struct SwarmBatch {
    /// When the events happen.
    package var now: Instant
    /// What the driver must do, in this order.
    package private(set) var effects: [SwarmEffect] = []

    /// An empty batch.
    package init(at now: Instant) { self.now = now }

    /// Asks the driver for something, after what it was asked for before.
    mutating func add(_ effect: SwarmEffect) { effects.append(effect) }

    /// Forgets the effects once they have been carried out.
    package mutating func removeAll() { effects.removeAll(keepingCapacity: true) }
}
