// SPDX-License-Identifier: Apache-2.0

/// What was wrong with bytes that a peer sent. The connection they came on is of no further use.
public struct PeerProtocolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error; an open set.
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

    /// The kind of error.
    public var code: Code
    /// The message, or message and field, it was found in.
    public var message: String
    /// The number or length that came.
    public var found: Int
    /// What could have come.
    public var allowed: ClosedRange<Int>
    /// Bytes from the beginning of the message.
    public var offset: Int

    /// An error by its parts.
    public init(_ code: Code, in message: String, found: Int, allowed: ClosedRange<Int>, offset: Int = 0) {
        self.code = code
        self.message = message
        self.found = found
        self.allowed = allowed
        self.offset = offset
    }

    /// One line for logs.
    public var description: String {
        "\(message): \(code) at byte \(offset): \(found), allowed \(allowed.lowerBound)...\(allowed.upperBound)"
    }
}
