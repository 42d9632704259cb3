// SPDX-License-Identifier: Apache-2.0

/// Why a key or a message was refused.
public enum CryptoError: Error, Hashable, Sendable {
    /// A key has a fixed size, bytes.
    case wrongKeySize(Int, expected: Int)
    /// A nonce has a fixed size, bytes.
    case wrongNonceSize(Int, expected: Int)
    /// The message was altered, or made with another key, nonce or associated data.
    case authenticationFailed
    /// The peer's public key leads to a secret known to all.
    case lowOrderPoint
    /// More bytes were asked for than the function yields, or fewer.
    case badOutputSize(Int, allowed: ClosedRange<Int>)
}
