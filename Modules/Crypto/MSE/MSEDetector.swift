// SPDX-License-Identifier: Apache-2.0

/// Distinguishes plaintext from encrypted incoming connections by their first bytes.
package enum MSEDetector {
    /// The kind of a connection.
    package enum Verdict: Hashable, Sendable {
        /// The bytes so far match the beginning of a plaintext handshake, but there are too few of them.
        case undecided
        /// A BitTorrent handshake in plaintext (BEP 3).
        case plaintext
        /// Anything else: a stream that is not plaintext BitTorrent can only be MSE.
        case encrypted
    }

    /// With this many bytes, the verdict is never `undecided`.
    package static let decisiveByteCount = greeting.count

    /// Returns the verdict on a connection that begins with `bytes`.
    package static func verdict(on bytes: some Sequence<UInt8>) -> Verdict {
        var matched = 0
        for (byte, expected) in zip(bytes, greeting) {
            guard byte == expected else { return .encrypted }
            matched += 1
        }
        return matched == greeting.count ? .plaintext : .undecided
    }

    private static let greeting = [19] + Array("BitTorrent protocol".utf8)
}
