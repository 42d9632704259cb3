// SPDX-License-Identifier: Apache-2.0

/// How a stream goes on after an MSE handshake: the bits of `crypto_provide` and `crypto_select`.
public struct MSEMethods: OptionSet, Hashable, Sendable {
    /// As on the wire; bits that we don't know are kept and never chosen.
    public let rawValue: UInt32

    /// Methods from their bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Only the handshake is hidden.
    public static let plaintext = MSEMethods(rawValue: 1)
    /// All is encrypted.
    public static let rc4 = MSEMethods(rawValue: 2)
    /// Either.
    public static let any: MSEMethods = [.plaintext, .rc4]
}

/// The one method that both sides settled on.
public enum MSEMethod: UInt32, Hashable, Sendable, CaseIterable {
    /// Only the handshake was hidden.
    case plaintext = 1
    /// All is encrypted.
    case rc4 = 2

    /// The set of this method alone.
    public var asSet: MSEMethods { MSEMethods(rawValue: rawValue) }
}

/// What bounds an MSE handshake.
public enum MSELimits {
    /// Bytes in each of the pads A to D, as the specification has it.
    public static let maximumPadLength = 512
    /// Bytes that an initiator may send along with its handshake (IA); the specification allows 65,535, but a
    /// BitTorrent handshake has 68.
    public static let maximumInitialPayloadLength = 16 * 1024
}

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
