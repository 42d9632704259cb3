// SPDX-License-Identifier: Apache-2.0

/// What a peer can do wrong.
package enum Misbehaviour: String, Hashable, CaseIterable, Sendable {
    /// Bytes that are not a message of the protocol.
    case garbage
    /// A message longer than its kind allows.
    case oversize
    /// A bitfield of the wrong length, or with spare bits set.
    case wrongBitfield
    /// A message that is not allowed at this point of the protocol.
    case protocolViolation
    /// A piece index beyond the end.
    case indexOutOfRange
    /// A request for bytes that do not exist, or of a length that no client requests.
    case requestOutOfRange
    /// A request for a piece that we have not announced.
    case requestNotHad
    /// A block that was not requested.
    case unrequestedBlock
    /// Blocks of a piece that failed verification. Others may share the blame.
    case badPiece
    /// Data that is proven wrong.
    case poison
    /// More `have`s than there are pieces.
    case floodOfHaves
    /// Repeatedly more requests than we queue.
    case floodOfRequests
    /// More messages of another kind than can be useful.
    case floodOfMessages
    /// Metadata that does not hash to the info-hash (BEP 9).
    case badMetadata
    /// Hashes that do not lead to the root (BEP 52).
    case badHashes
    /// Peer exchange beyond its rate, or with invalid contents (BEP 11).
    case badPeerExchange
    /// A message that an extension cannot read, or does not allow.
    case badExtensionMessage
    /// More messages of an extension than its limits allow.
    case floodOfExtension
}
