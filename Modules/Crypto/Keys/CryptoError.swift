// SPDX-License-Identifier: Apache-2.0

/// Why a key or a message was refused.
public struct CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// A key of another size than the algorithm has.
        public static let wrongKeySize = Self(description: "wrong key size")
        /// A nonce of another size than the algorithm has.
        public static let wrongNonceSize = Self(description: "wrong nonce size")
        /// The message was altered, or made with another key, nonce or associated data.
        public static let authenticationFailed = Self(description: "authentication failed")
        /// The peer's public key leads to a secret that everybody knows.
        public static let lowOrderPoint = Self(description: "low-order point")
        /// More bytes were asked for than the function yields, or fewer.
        public static let badOutputSize = Self(description: "bad output size")
    }

    /// The kind.
    public let code: Code
    /// What came and what was expected; one line for a log.
    public let description: String

    private init(_ code: Code, _ detail: String) {
        self.code = code
        description = "\(code): \(detail)"
    }
}

extension CryptoError {
    package static let authenticationFailed = Self(.authenticationFailed, "the message was altered or has another key")
    package static let lowOrderPoint = Self(.lowOrderPoint, "the public key gives no secret")

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
