// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What to do with a peer that misbehaved.
package enum Verdict: Int, Hashable, Comparable, Sendable {
    /// Nothing yet.
    case ignore
    /// Close the connection.
    case drop
    /// Close it and distrust the address for a while.
    case ban

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension Misbehaviour {
    /// How heavily it counts; `MisbehaviourBudget.limit` and the peer is dropped.
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

    /// Whether it was done on purpose, or by a machine that must not come back.
    package var isPoison: Bool { self == .poison || self == .badMetadata }
}

/// One peer's misbehaviour so far. Forgotten at a steady pace, so that a long connection may err now and then.
package struct MisbehaviourBudget: Hashable, Sendable {
    /// Dropped at so much.
    package static let limit = 100.0
    /// Forgotten in a second.
    package static let forgottenPerSecond = 0.2

    private var score = 0.0
    private var changedAt: Instant

    /// Clean.
    package init(at now: Instant) { changedAt = now }

    /// Counts one more; says what to do.
    package mutating func handle(_ misbehaviour: Misbehaviour, at now: Instant) -> Verdict {
        let forgotten = max(0, (now - changedAt).seconds) * Self.forgottenPerSecond
        score = max(0, score - forgotten) + misbehaviour.weight
        changedAt = now
        if misbehaviour.isPoison { return .ban }
        return score >= Self.limit ? .drop : .ignore
    }
}
