// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// The 20 bytes by which a peer identifies itself in a handshake (BEP 3, BEP 20).
public struct PeerID: Hashable, Sendable, CustomStringConvertible {
    /// The bytes. They are not a digest; the type is used for its size.
    public var bytes: SHA1Digest

    /// Creates a peer id from its 20 bytes.
    public init(_ bytes: SHA1Digest) { self.bytes = bytes }

    /// Creates a peer id in Azureus style: the first 8 bytes of `prefix`, such as `-RU0100-`, then random bytes.
    public init(prefix: String, using random: inout some RandomNumberGenerator) {
        var all = SHA1Digest()
        all.withUnsafeMutableBytes { out in
            for index in out.indices { out[index] = .random(in: 0...255, using: &random) }
            for (index, byte) in prefix.utf8.prefix(8).enumerated() { out[index] = byte }
        }
        bytes = all
    }

    /// The client's letters and version, such as `LT2110`, if the id is in Azureus style. For logs.
    public var client: String? {
        let all = bytes.bytes
        let isVisible: (UInt8) -> Bool = { (0x21..<0x7f).contains($0) }
        guard all[0] == UInt8(ascii: "-"), all[7] == UInt8(ascii: "-"), all[1..<7].allSatisfy(isVisible) else {
            return nil
        }
        return String(decoding: all[1..<7], as: UTF8.self)
    }

    /// The client if it is known, otherwise the bytes in hexadecimal.
    public var description: String { client ?? bytes.description }
}
