// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// The 20 bytes by which a peer names itself in a handshake (BEP 3, BEP 20).
public struct PeerID: Hashable, Sendable, CustomStringConvertible {
    /// The bytes, in a digest's shape.
    public var bytes: SHA1Digest

    /// A peer id from its 20 bytes.
    public init(_ bytes: SHA1Digest) { self.bytes = bytes }

    /// Azureus style: `prefix` (8 characters such as `-RU0100-`), then random bytes.
    public init(prefix: String, using random: inout some RandomNumberGenerator) {
        var all = SHA1Digest()
        all.withUnsafeMutableBytes { out in
            for index in out.indices { out[index] = .random(in: 0...255, using: &random) }
            for (index, byte) in prefix.utf8.prefix(8).enumerated() { out[index] = byte }
        }
        bytes = all
    }

    /// The client's letters and version where the id is in Azureus style, such as `LT2110`; for logs.
    public var client: String? {
        let all = bytes.bytes
        let isVisible: (UInt8) -> Bool = { (0x21..<0x7f).contains($0) }
        guard all[0] == UInt8(ascii: "-"), all[7] == UInt8(ascii: "-"), all[1..<7].allSatisfy(isVisible) else {
            return nil
        }
        return String(decoding: all[1..<7], as: UTF8.self)
    }

    /// The client where it can be told, else the bytes in hexadecimal.
    public var description: String { client ?? bytes.description }
}
