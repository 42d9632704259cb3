// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Verifies complete metadata: for the blocking pool, because joining and hashing up to `PeerLimits.metadataByteCount`
/// takes a while.
package enum MetadataCheck {
    /// Returns the joined parts if their hashes match; nil if they are wrong. If a link has both hashes, both must
    /// match.
    package static func bytes(of parts: [[UInt8]], matching hashes: InfoHashes) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parts.reduce(0) { $0 + $1.count })
        for part in parts { bytes += part }
        if let v2 = hashes.v2, SHA256.hash(bytes) != v2 { return nil }
        if let v1 = hashes.v1, SHA1.hash(bytes) != v1 { return nil }
        return bytes
    }
}
