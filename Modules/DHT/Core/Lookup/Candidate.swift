// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A node that a lookup may ask, is asking or has asked.
struct Candidate: Sendable {
    /// ```
    /// fresh ──▶ asked ──▶ late
    ///             │        │
    ///             ├────────┴──▶ answered
    ///             └────────┴──▶ failed
    /// ```
    enum State: Hashable, Sendable {
        case fresh
        /// The query is pending, and waited for until this time.
        case asked(until: Instant)
        /// Another node was asked instead; the response may still arrive.
        case late
        case answered
        case failed
    }

    let contact: NodeContact
    let distance: NodeDistance
    /// The path on which the node was first found.
    let path: Int
    /// Whether only the endpoint is known, because it was named as a bootstrap node.
    var isNamedOnly = false
    var state = State.fresh
    /// The token that the node requires for a write.
    var token: [UInt8]?
    /// The sequence number of the node's item.
    var sequence: Int64?

    /// Whether BEP 42 allows its id, so its response counts as one of the nearest.
    let isAllowed: Bool

    init(_ contact: NodeContact, from target: NodeID, path: Int) {
        self.contact = contact
        distance = contact.id.distance(to: target)
        self.path = path
        isAllowed = contact.isAllowed
    }

    /// Whether it may still prove to be among the nearest.
    var isHopeful: Bool { isAllowed && !isNamedOnly && state != .failed && state != .late }

    var isAsked: Bool {
        if case .asked = state { return true }
        return false
    }
}
