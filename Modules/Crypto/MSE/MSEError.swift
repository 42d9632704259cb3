// SPDX-License-Identifier: Apache-2.0

/// Why an MSE handshake failed. Close the connection.
package struct MSEError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error; an open set, so switch with a default.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind of error in words.
        package let description: String

        /// The peer's public key does not yield a secret: it is 0, 1, p-1, or at least p.
        package static let badPublicKey = Self(description: "bad public key")
        /// The end of the peer's pad was not found within the maximum pad length.
        package static let noSynchronisation = Self(description: "no synchronisation")
        /// We do not have the torrent that the initiator asks for.
        package static let unknownTorrent = Self(description: "unknown torrent")
        /// The verification constant is not zero: the two sides derived different keys.
        package static let badVerification = Self(description: "bad verification")
        /// The initiator offers no method that we allow.
        package static let noCommonMethod = Self(description: "no common method")
        /// The responder selected no method, several, or one that was not offered.
        package static let badSelection = Self(description: "bad selection")
        /// The peer announced a pad longer than the maximum.
        package static let padTooLong = Self(description: "pad too long")
        /// The initiator announced an initial payload longer than the maximum.
        package static let initialPayloadTooLong = Self(description: "initial payload too long")
        /// Bytes were passed to a handshake that had already ended.
        package static let ended = Self(description: "handshake over")
    }

    /// The kind of error.
    package let code: Code
    /// The kind of error, what was found and what is allowed, in one line for logs.
    package let description: String

    private init(_ code: Code, _ detail: String) {
        self.code = code
        description = "\(code): \(detail)"
    }
}

extension MSEError {
    package static let badPublicKey = Self(.badPublicKey, "the public key does not yield a secret")
    package static let badVerification = Self(.badVerification, "the sides derived different keys")
    package static let ended = Self(.ended, "bytes after the end")

    package static func noSynchronisation(within byteCount: Int) -> Self {
        Self(.noSynchronisation, "no end of the pad within \(byteCount) bytes")
    }

    package static func unknownTorrent(_ lookupKey: SHA1Digest) -> Self {
        Self(.unknownTorrent, "no torrent has the lookup key \(lookupKey)")
    }

    package static func noCommonMethod(offered: MSEMethods) -> Self {
        Self(.noCommonMethod, "the peer offers methods \(offered.rawValue)")
    }

    package static func badSelection(_ methods: MSEMethods) -> Self {
        Self(.badSelection, "the peer selected methods \(methods.rawValue)")
    }

    package static func padTooLong(_ length: Int, maximum: Int) -> Self {
        Self(.padTooLong, "\(length) bytes, \(maximum) are allowed")
    }

    package static func initialPayloadTooLong(_ length: Int, maximum: Int) -> Self {
        Self(.initialPayloadTooLong, "\(length) bytes, \(maximum) are allowed")
    }
}
