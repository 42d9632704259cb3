// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A node of the routing table, and what is known about it.
struct TableNode: Hashable, Sendable {
    let contact: NodeContact
    /// When it last answered us.
    var answered: Instant
    /// When it was last sent a query that is still unanswered, or last answered.
    var asked: Instant
    /// How long its responses take, smoothed; nil until measured.
    var roundTrip: Interval?
    /// Consecutive queries that it did not answer.
    var failures = 0

    init(_ contact: NodeContact, answeredAt now: Instant) {
        self.contact = contact
        answered = now
        asked = now
    }

    /// Whether it answered recently, and has not failed since (BEP 5: "good").
    func isGood(at now: Instant, _ limits: DHTLimits) -> Bool {
        failures == 0 && now - answered <= limits.goodInterval
    }

    /// Whether it failed to answer several consecutive queries (BEP 5: "bad").
    func isBad(_ limits: DHTLimits) -> Bool { failures >= limits.failures }
}
