// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A node that a lookup may ask, asks or has asked.
struct Candidate: Sendable {
    /// ```
    /// fresh ──▶ asked ──▶ late
    ///             │        │
    ///             ├────────┴──▶ answered
    ///             └────────┴──▶ failed
    /// ```
    enum State: Hashable, Sendable {
        case fresh
        /// Waited for until then.
        case asked(until: Instant)
        /// Another node was asked instead; the answer may still come.
        case late
        case answered
        case failed
    }

    let contact: NodeContact
    let distance: NodeDistance
    /// The path on which the node was found first.
    let path: Int
    /// Whether only the endpoint is known: somebody named a node to begin with.
    var isNamedOnly = false
    var state = State.fresh
    /// What the node wants to see with a write.
    var token: [UInt8]?
    /// The sequence number of the item that the node has.
    var sequence: Int64?

    /// Whether its answer counts as one of the nearest: BEP 42 allows it its id.
    let isAllowed: Bool

    init(_ contact: NodeContact, from target: NodeID, path: Int) {
        self.contact = contact
        distance = contact.id.distance(to: target)
        self.path = path
        isAllowed = contact.isAllowed
    }

    /// Whether it may still turn out to be among the nearest.
    var isHopeful: Bool { isAllowed && !isNamedOnly && state != .failed && state != .late }

    var isAsked: Bool {
        if case .asked = state { return true }
        return false
    }
}
