// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheWire

/// Finds the bad blocks of v2 pieces that did not verify, by asking peers for the true leaves (BEP 52).
///
/// Owner: `SwarmCore`. A case is open from a failed verdict until true leaves came, or nobody is left to ask.
package struct LeafInquiry: Sendable {
    /// Peers asked about one piece before it is given up.
    package static let attemptLimit = 3

    /// A piece under inquiry.
    package struct Case: Sendable {
        /// Leaves of the blocks as they came.
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

    /// Pieces that nobody is asked about at present.
    package var waiting: [PieceIndex] { cases.filter { $1.askedOf == nil }.keys.sorted() }

    /// Whether `peer` was asked about `piece` before.
    package func hasTried(_ peer: PeerSlot, about piece: PieceIndex) -> Bool {
        cases[piece]?.tried.contains(peer) ?? true
    }

    /// Whether enough peers were asked in vain.
    package func isHopeless(_ piece: PieceIndex) -> Bool { (cases[piece]?.tried.count ?? 0) >= Self.attemptLimit }

    /// Notes that `peer` is asked; the request to send.
    package mutating func nextRequest(about piece: PieceIndex, to peer: PeerSlot, at now: Instant) -> HashRequest? {
        guard cases[piece] != nil else { return nil }
        cases[piece]?.askedOf = peer
        cases[piece]?.askedAt = now
        cases[piece]?.tried.insert(peer)
        return cases[piece]?.request
    }

    /// The piece that `peer` was asked about with this request.
    package func piece(askedOf peer: PeerSlot, with request: HashRequest) -> PieceIndex? {
        cases.first { $1.askedOf == peer && $1.request == request }?.key
    }

    /// Ends a case.
    package mutating func close(_ piece: PieceIndex) -> Case? { cases.removeValue(forKey: piece) }

    /// The peer will not answer.
    package mutating func handleReject(_ request: HashRequest, from peer: PeerSlot) {
        guard let piece = piece(askedOf: peer, with: request) else { return }
        cases[piece]?.askedOf = nil
    }

    /// The peer is gone.
    package mutating func handleLeft(_ peer: PeerSlot) {
        for (piece, found) in cases where found.askedOf == peer { cases[piece]?.askedOf = nil }
    }

    /// Gives up waiting where an answer has been due for `patience`.
    package mutating func handleTimeouts(after patience: Interval, at now: Instant) {
        for (piece, found) in cases where found.askedOf != nil && now - found.askedAt >= patience {
            cases[piece]?.askedOf = nil
        }
    }
}
