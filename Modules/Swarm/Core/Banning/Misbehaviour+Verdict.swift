// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// How to treat a peer that has misbehaved.
package enum Verdict: Int, Hashable, Comparable, Sendable {
    /// Do nothing yet.
    case ignore
    /// Close the connection.
    case drop
    /// Close the connection and distrust the address for a while.
    case ban

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension Misbehaviour {
    /// How much it counts. A peer is dropped when its sum reaches `MisbehaviourBudget.limit`.
    package var weight: Double {
        switch self {
        case .poison, .badMetadata, .garbage, .oversize, .wrongBitfield, .floodOfHaves: 100
        case .protocolViolation, .indexOutOfRange, .badHashes, .floodOfMessages, .badExtensionMessage: 50
        case .requestOutOfRange, .floodOfRequests, .badPeerExchange, .floodOfExtension: 25
        case .badPiece: 20
        // Innocent now and then: a cancel or a `donthave` may cross it on the way.
        case .unrequestedBlock, .requestNotHad: 10
        }
    }

    /// Whether it is deliberate, or comes from a broken client that must not return.
    package var isPoison: Bool { self == .poison || self == .badMetadata }
}

/// The misbehaviour of one peer so far. It is forgotten at a steady rate, so that a long connection may err now and
/// then.
package struct MisbehaviourBudget: Hashable, Sendable {
    /// The sum at which a peer is dropped.
    package static let limit = 100.0
    /// How much is forgotten per second.
    package static let forgottenPerSecond = 0.2

    private var score = 0.0
    private var changedAt: Instant

    /// Creates an empty budget.
    package init(at now: Instant) { changedAt = now }

    /// Counts one more misbehaviour and returns the verdict.
    package mutating func handle(_ misbehaviour: Misbehaviour, at now: Instant) -> Verdict {
        let forgotten = max(0, (now - changedAt).seconds) * Self.forgottenPerSecond
        score = max(0, score - forgotten) + misbehaviour.weight
        changedAt = now
        if misbehaviour.isPoison { return .ban }
        return score >= Self.limit ? .drop : .ignore
    }
}
