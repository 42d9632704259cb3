// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
internal import RucheWire

/// The torrent that a publisher's mutable item names at one time (BEP 46).
///
/// The item's value is a dictionary with the 20 bytes of the torrent's info-hash under `ih`. Its author replaces it to
/// publish another torrent, so the publisher's key and salt name a work that changes.
public struct Publication: Hashable, Sendable {
    /// The torrent's info-hash: SHA-1 of its info dictionary.
    public let infoHash: SHA1Digest
    /// The version. A later one has a higher number.
    public let sequence: Int64

    /// Creates the publication that `item` describes. Returns nil for an immutable item, and for a value of another form.
    public init?(_ item: DHTItem) {
        guard let author = item.author, case .dictionary(let entries) = item.decoded,
            case .string(let bytes) = entries[Self.key], let infoHash = SHA1Digest(bytes)
        else { return nil }
        self.infoHash = infoHash
        sequence = author.sequence
    }

    /// Returns the item's value for a torrent.
    static func value(naming infoHash: SHA1Digest) -> BencodeValue { .dictionary([key: .string(infoHash.bytes)]) }

    private static let key = Array("ih".utf8)
}
