// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

// Crypto does not use Foundation, so the sentences for its errors are here.

extension CryptoError: LocalizedError {
    /// What went wrong, in a sentence for users.
    public var errorDescription: String? {
        code == .authenticationFailed ? "The message was altered, or is for another key." : description.asSentence
    }
}

extension MSEError: LocalizedError {
    /// What went wrong, in a sentence for users.
    package var errorDescription: String? { "The encrypted connection could not be set up: \(code)." }
}

extension MerkleError: LocalizedError {
    /// What went wrong, in a sentence for users.
    package var errorDescription: String? { "The hashes do not match the file: \(code)." }
}
