// SPDX-License-Identifier: Apache-2.0

/// Why an MSE handshake failed. The connection is of no further use.
public struct MSEError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The peer's public key gives no secret: 0, 1, p-1, or p and above.
        public static let badPublicKey = Self(description: "bad public key")
        /// The end of the peer's pad did not show within the longest pad allowed.
        public static let noSynchronisation = Self(description: "no synchronisation")
        /// The initiator wants a torrent that we don't have, or that it cannot name.
        public static let unknownTorrent = Self(description: "unknown torrent")
        /// The verification constant is not zero: the sides derived different keys.
        public static let badVerification = Self(description: "bad verification")
        /// The initiator offers no method that is allowed here.
        public static let noCommonMethod = Self(description: "no common method")
        /// The responder chose none, several, or one that was not offered.
        public static let badSelection = Self(description: "bad selection")
        /// A pad is announced that is longer than allowed.
        public static let padTooLong = Self(description: "pad too long")
        /// An initial payload is announced that is longer than allowed.
        public static let initialPayloadTooLong = Self(description: "initial payload too long")
        /// Bytes came after the handshake had ended.
        public static let ended = Self(description: "handshake over")
    }

    /// The kind.
    public let code: Code
    /// What came and what is allowed; one line for a log.
    public let description: String

    private init(_ code: Code, _ detail: String) {
        self.code = code
        description = "\(code): \(detail)"
    }
}

extension MSEError {
    package static let badPublicKey = Self(.badPublicKey, "the public key gives no secret")
    package static let badVerification = Self(.badVerification, "the sides derived different keys")
    package static let ended = Self(.ended, "bytes after the end")

    package static func noSynchronisation(within byteCount: Int) -> Self {
        Self(.noSynchronisation, "no end of the pad within \(byteCount) bytes")
    }

    package static func unknownTorrent(_ lookupKey: SHA1Digest) -> Self {
        Self(.unknownTorrent, "no torrent has the lookup key \(lookupKey)")
    }

    package static func noCommonMethod(offered: MSEMethods) -> Self {
        Self(.noCommonMethod, "methods \(offered.rawValue) are offered")
    }

    package static func badSelection(_ methods: MSEMethods) -> Self {
        Self(.badSelection, "methods \(methods.rawValue) are chosen")
    }

    package static func padTooLong(_ length: Int, maximum: Int) -> Self {
        Self(.padTooLong, "\(length) bytes, \(maximum) are allowed")
    }

    package static func initialPayloadTooLong(_ length: Int, maximum: Int) -> Self {
        Self(.initialPayloadTooLong, "\(length) bytes, \(maximum) are allowed")
    }
}
