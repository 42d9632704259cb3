// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

// Crypto does without Foundation, so its errors get their words here.

extension CryptoError: LocalizedError {
    /// What is wrong, in a sentence for a person.
    public var errorDescription: String? {
        code == .authenticationFailed ? "The message was altered, or is for another key." : description.asSentence
    }
}

extension MSEError: LocalizedError {
    /// What is wrong, in a sentence for a person.
    public var errorDescription: String? { "The encrypted connection could not be set up: \(code)." }
}

extension MerkleError: LocalizedError {
    /// What is wrong, in a sentence for a person.
    public var errorDescription: String? { "The hashes do not fit the file: \(code)." }
}
