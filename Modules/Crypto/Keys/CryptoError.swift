// SPDX-License-Identifier: Apache-2.0

/// An error of the cryptographic functions in this module.
public struct CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind of error in words.
        public let description: String

        /// A key has the wrong size for the algorithm.
        public static let wrongKeySize = Self(description: "wrong key size")
        /// A nonce has the wrong size for the algorithm.
        public static let wrongNonceSize = Self(description: "wrong nonce size")
        /// The message has been altered, or was sealed with another key, nonce or associated data.
        public static let authenticationFailed = Self(description: "authentication failed")
        /// The peer's public key is a point of low order, so everyone would know the shared secret.
        public static let lowOrderPoint = Self(description: "low-order point")
        /// The requested output size is not allowed.
        public static let badOutputSize = Self(description: "bad output size")
    }

    /// The kind of error.
    public let code: Code
    /// The kind of error, what was found and what was expected, in one line for logs.
    public let description: String

    private init(_ code: Code, _ detail: String) {
        self.code = code
        description = "\(code): \(detail)"
    }
}

extension CryptoError {
    package static let authenticationFailed = Self(
        .authenticationFailed,
        "the message was altered or sealed with another key"
    )
    package static let lowOrderPoint = Self(.lowOrderPoint, "the public key does not yield a secret")

    package static func wrongKeySize(_ count: Int, expected: Int) -> Self {
        Self(.wrongKeySize, "\(count) bytes, not \(expected)")
    }

    package static func wrongNonceSize(_ count: Int, expected: Int) -> Self {
        Self(.wrongNonceSize, "\(count) bytes, not \(expected)")
    }

    package static func badOutputSize(_ count: Int, allowed: ClosedRange<Int>) -> Self {
        Self(.badOutputSize, "\(count) bytes, not \(allowed.lowerBound) to \(allowed.upperBound)")
    }
}
