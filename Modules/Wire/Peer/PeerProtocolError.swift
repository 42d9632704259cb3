// SPDX-License-Identifier: Apache-2.0

/// An error in the bytes that a peer sent. Close the connection.
package struct PeerProtocolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind of error in words.
        package let description: String

        /// The handshake does not begin with the protocol name: another protocol, or an encrypted connection.
        package static let notBitTorrent = Self(description: "not the BitTorrent protocol")
        /// The length of a message is not one that its kind can have, or exceeds a limit.
        package static let badLength = Self(description: "length out of bounds")
        /// A payload is not the bencoded dictionary that it should be.
        package static let badEncoding = Self(description: "malformed payload")
        /// A field is missing or has the wrong type.
        package static let badField = Self(description: "field missing or of the wrong type")
        /// A number is outside the range that its field allows.
        package static let badValue = Self(description: "value out of bounds")
    }

    /// The kind.
    package let code: Code
    /// The message that contains the error.
    package let message: String
    /// The offset of the error in bytes, from the beginning of the message or of an extended message's payload.
    package let offset: Int
    /// What the parser expected.
    package let expected: String
    /// What it found.
    package let found: String

    /// Creates an error.
    package init(_ code: Code, in message: String, at offset: Int = 0, expected: String, found: String) {
        self.code = code
        self.message = message
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    /// The error in one line, for logs.
    package var description: String {
        "\(message): \(code) at byte \(offset): expected \(expected), found \(found)"
    }
}

extension PeerProtocolError {
    /// Creates an error for a `message` that is not bencode.
    init(_ error: BencodeError, in message: String) {
        self.init(.badEncoding, in: message, at: error.offset, expected: error.expected, found: error.found)
    }

    /// Creates an error for a `message` whose length is not in `allowed`.
    init(length: Int, allowed: ClosedRange<Int>, in message: String) {
        let bounds = allowed.lowerBound == allowed.upperBound ? "\(allowed.lowerBound)" : "\(allowed)"
        self.init(.badLength, in: message, expected: "\(bounds) bytes", found: "\(length)")
    }
}
