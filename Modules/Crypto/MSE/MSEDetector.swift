// SPDX-License-Identifier: Apache-2.0

/// Tells by its first bytes what an incoming connection speaks.
public enum MSEDetector {
    /// What the first bytes say.
    public enum Verdict: Hashable, Sendable {
        /// All bytes so far could begin a plaintext handshake, but there are too few to be sure.
        case undecided
        /// A BitTorrent handshake in the clear (BEP 3).
        case plaintext
        /// Anything else, which can only be MSE.
        case encrypted
    }

    /// Bytes after which there is always a verdict.
    public static let decisiveByteCount = greeting.count

    /// The verdict on a connection that began with `bytes`.
    public static func verdict(on bytes: some Sequence<UInt8>) -> Verdict {
        var matched = 0
        for (byte, expected) in zip(bytes, greeting) {
            guard byte == expected else { return .encrypted }
            matched += 1
        }
        return matched == greeting.count ? .plaintext : .undecided
    }

    private static let greeting = [19] + Array("BitTorrent protocol".utf8)
}
