// SPDX-License-Identifier: Apache-2.0

/// Why an MSE handshake failed; the connection is of no more use.
public enum MSEError: Error, Hashable, Sendable {
    /// The peer's public key gives no secret: 0, 1, p-1, or p and above.
    case badPublicKey
    /// The end of the peer's pad did not show within the longest pad allowed, bytes.
    case noSynchronisation(within: Int)
    /// The initiator wants a torrent that we don't have, or that it cannot name. Holds the lookup key.
    case unknownTorrent(SHA1Digest)
    /// The verification constant is not zero: the sides derived different keys.
    case badVerification
    /// The initiator offers no method that is allowed here.
    case noCommonMethod(offered: MSEMethods)
    /// The responder chose none, several, or one that was not offered.
    case badSelection(MSEMethods)
    /// A pad is announced that is longer than allowed, bytes.
    case padTooLong(Int, maximum: Int)
    /// An initial payload is announced that is longer than allowed, bytes.
    case initialPayloadTooLong(Int, maximum: Int)
    /// Bytes came after the handshake had ended.
    case ended
}
