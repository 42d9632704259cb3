// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheWire

/// Finds the bad blocks of v2 pieces that failed verification, by requesting the true leaf hashes from peers (BEP 52).
///
/// `SwarmCore` owns it. A case is open from the failed verification until true leaves arrive, or until no peer is left
/// to ask.
package struct LeafInquiry: Sendable {
    /// The number of peers to ask about a piece before giving up.
    package static let attemptLimit = 3

    /// A piece with unknown bad blocks.
    package struct Case: Sendable {
        /// The leaves of the blocks as received.
        package let leaves: [SHA256Digest]
        package let request: HashRequest
        fileprivate(set) var askedOf: PeerSlot?
        fileprivate(set) var askedAt: Instant
        fileprivate(set) var tried: Set<PeerSlot> = []
    }

    private var cases: [PieceIndex: Case] = [:]

    package init() {}

    package mutating func open(_ piece: PieceIndex, leaves: [SHA256Digest], request: HashRequest, at now: Instant) {
        cases[piece] = Case(leaves: leaves, request: request, askedOf: nil, askedAt: now)
    }

    /// The pieces about which no request is outstanding.
    package var waiting: [PieceIndex] { cases.filter { $1.askedOf == nil }.keys.sorted() }

    /// Returns whether `peer` has been asked about `piece`; true if there is no such case.
    package func hasTried(_ peer: PeerSlot, about piece: PieceIndex) -> Bool {
        cases[piece]?.tried.contains(peer) ?? true
    }

    /// Returns whether the maximum number of peers has been asked.
    package func isHopeless(_ piece: PieceIndex) -> Bool { (cases[piece]?.tried.count ?? 0) >= Self.attemptLimit }

    /// Records that `peer` is asked about `piece`, and returns the request to send.
    package mutating func nextRequest(about piece: PieceIndex, to peer: PeerSlot, at now: Instant) -> HashRequest? {
        guard cases[piece] != nil else { return nil }
        cases[piece]?.askedOf = peer
        cases[piece]?.askedAt = now
        cases[piece]?.tried.insert(peer)
        return cases[piece]?.request
    }

    /// Returns the piece about which `peer` was asked with this request.
    package func piece(askedOf peer: PeerSlot, with request: HashRequest) -> PieceIndex? {
        cases.first { $1.askedOf == peer && $1.request == request }?.key
    }

    /// Closes a case and returns it.
    package mutating func close(_ piece: PieceIndex) -> Case? { cases.removeValue(forKey: piece) }

    /// Handles a peer's refusal to answer.
    package mutating func handleReject(_ request: HashRequest, from peer: PeerSlot) {
        guard let piece = piece(askedOf: peer, with: request) else { return }
        cases[piece]?.askedOf = nil
    }

    /// Handles a peer that has left.
    package mutating func handleLeft(_ peer: PeerSlot) {
        for (piece, found) in cases where found.askedOf == peer { cases[piece]?.askedOf = nil }
    }

    /// Stops waiting for answers that have been outstanding for `patience`.
    package mutating func handleTimeouts(after patience: Interval, at now: Instant) {
        for (piece, found) in cases where found.askedOf != nil && now - found.askedAt >= patience {
            cases[piece]?.askedOf = nil
        }
    }
}
