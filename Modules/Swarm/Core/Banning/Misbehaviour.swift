// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What a peer can do wrong, by name.
package enum Misbehaviour: String, Hashable, CaseIterable, Sendable {
    /// Bytes that are no message of the protocol.
    case garbage
    /// A message longer than its kind allows.
    case oversize
    /// A bitfield of the wrong length, or with spare bits set.
    case wrongBitfield
    /// A message that is not allowed at this point of the protocol.
    case protocolViolation
    /// An index beyond the end.
    case indexOutOfRange
    /// A request for bytes that are not there, or of a length nobody asks for.
    case requestOutOfRange
    /// A request for a piece that we never said we have.
    case requestNotHad
    /// A block that was not asked for.
    case unrequestedBlock
    /// It sent the blocks of a piece that did not verify, and may share the blame with others.
    case badPiece
    /// It sent data that is proven wrong.
    case poison
    /// More `have`s than there are pieces.
    case floodOfHaves
    /// More requests than we queue, again and again.
    case floodOfRequests
    /// More of any other message than has a use.
    case floodOfMessages
    /// Metadata that does not hash to the info-hash (BEP 9).
    case badMetadata
    /// Hashes that do not prove (BEP 52).
    case badHashes
    /// A peer exchange beyond its rate, or of nonsense (BEP 11).
    case badPeerExchange
}

/// What to do with a peer that misbehaved.
package enum Verdict: Int, Hashable, Comparable, Sendable {
    /// Nothing yet.
    case ignore
    /// Close the connection.
    case drop
    /// Close it and refuse the address from now on.
    case ban

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// One peer's misbehaviour so far, forgotten slowly.
package struct MisbehaviourBudget: Hashable, Sendable {
    /// Clean.
    package init(at now: Instant) {}
    /// Counts one more; says what to do.
    package mutating func handle(_ misbehaviour: Misbehaviour, at now: Instant) -> Verdict { .ignore }
}
