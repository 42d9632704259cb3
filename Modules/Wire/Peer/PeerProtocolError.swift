// SPDX-License-Identifier: Apache-2.0

/// What was wrong with bytes that a peer sent. The connection they came on is of no further use.
public struct PeerProtocolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The handshake doesn't begin as BEP 3 has it: another protocol, or an encrypted connection.
        public static let notBitTorrent = Self(description: "not the BitTorrent protocol")
        /// A message's length is not one that its kind can have, or is above our limit.
        public static let badLength = Self(description: "length out of bounds")
        /// A payload is not the bencoded dictionary it should be.
        public static let badEncoding = Self(description: "malformed payload")
        /// A field is missing, or of the wrong type.
        public static let badField = Self(description: "missing or ill-typed field")
        /// A number is outside of what its field allows.
        public static let badValue = Self(description: "value out of bounds")
    }

    /// The kind.
    public let code: Code
    /// The message it was found in.
    public let message: String
    /// Bytes from the beginning of the message, or of an extended message's payload.
    public let offset: Int
    /// What should have been there.
    public let expected: String
    /// What was there.
    public let found: String

    /// An error from its parts.
    public init(_ code: Code, in message: String, at offset: Int = 0, expected: String, found: String) {
        self.code = code
        self.message = message
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    /// One line for a log.
    public var description: String {
        "\(message): \(code) at byte \(offset): expected \(expected), found \(found)"
    }
}

extension PeerProtocolError {
    /// `message` is not the bencode that it should be.
    init(_ error: BencodeError, in message: String) {
        self.init(.badEncoding, in: message, at: error.offset, expected: error.expected, found: error.found)
    }

    /// `message` has another length than `allowed`.
    init(length: Int, allowed: ClosedRange<Int>, in message: String) {
        let bounds = allowed.lowerBound == allowed.upperBound ? "\(allowed.lowerBound)" : "\(allowed)"
        self.init(.badLength, in: message, expected: "\(bounds) bytes", found: "\(length)")
    }
}
