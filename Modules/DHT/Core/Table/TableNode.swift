// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A node of the routing table, and what is known of it.
struct TableNode: Hashable, Sendable {
    let contact: NodeContact
    /// When it last answered us.
    var answered: Instant
    /// When it was last asked without an answer so far, or answered.
    var asked: Instant
    /// How long its answers take, smoothed; nil until one was measured.
    var roundTrip: Interval?
    /// Queries in a row that it did not answer.
    var failures = 0

    init(_ contact: NodeContact, answeredAt now: Instant) {
        self.contact = contact
        answered = now
        asked = now
    }

    /// It answered lately, and nothing since says that it is gone (BEP 5: "good").
    func isGood(at now: Instant, _ limits: DHTLimits) -> Bool {
        failures == 0 && now - answered <= limits.goodInterval
    }

    /// It did not answer several times in a row (BEP 5: "bad").
    func isBad(_ limits: DHTLimits) -> Bool { failures >= limits.failures }
}
