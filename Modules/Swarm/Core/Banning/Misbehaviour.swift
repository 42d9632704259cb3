// SPDX-License-Identifier: Apache-2.0

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
    /// A message that an extension cannot read, or does not allow.
    case badExtensionMessage
    /// More messages of an extension than its limits allow.
    case floodOfExtension
}
