// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
internal import RucheWire

/// A link to a publisher's latest version: the author's key, and the salt of one of the author's works (BEP 46).
///
/// As text: `magnet:?xs=urn:btpk:` with 64 hexadecimal digits, then `&s=` with the salt in hexadecimal if there is one.
public struct PublisherLink: Hashable, Sendable, CustomStringConvertible {
    /// The longest text that is read: 1,024 bytes.
    public static let byteCountLimit = 1_024

    /// The author's public key.
    public var author: Ed25519.PublicKey
    /// Distinguishes the works of one author; at most `DHTItem.saltByteCount` bytes, often none.
    public var salt: [UInt8]

    /// Creates a link to a work of `author`.
    public init(author: Ed25519.PublicKey, salt: [UInt8] = []) {
        self.author = author
        self.salt = salt
    }

    /// Parses a magnet link, or only the 64 digits of a key. Returns nil for anything else. Other parameters than those
    /// of BEP 46 are ignored.
    public init?(parsing text: String) {
        guard text.utf8.count <= Self.byteCountLimit else { return nil }
        if let author = Ed25519.PublicKey(hex: text) {
            self.init(author: author)
            return
        }
        guard text.prefix(Self.scheme.count).lowercased() == Self.scheme else { return nil }
        var author: Ed25519.PublicKey?
        var salt: [UInt8] = []
        for parameter in text.dropFirst(Self.scheme.count).split(separator: "&") {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            switch parts[0].lowercased() {
            case "xs" where parts[1].lowercased().hasPrefix(Self.topic):
                guard author == nil, let key = Ed25519.PublicKey(hex: String(parts[1].dropFirst(Self.topic.count)))
                else { return nil }
                author = key
            case "s":
                guard let bytes = Hex.decode(parts[1]), bytes.count <= DHTItem.saltByteCount else { return nil }
                salt = bytes
            default: break
            }
        }
        guard let author else { return nil }
        self.init(author: author, salt: salt)
    }

    /// The link as a magnet link.
    public var description: String {
        Self.scheme + "xs=\(Self.topic)\(author)" + (salt.isEmpty ? "" : "&s=\(Hex.encode(salt))")
    }

    private static let scheme = "magnet:?"
    private static let topic = "urn:btpk:"
}
