// SPDX-License-Identifier: Apache-2.0

/// HKDF, key derivation with HMAC-SHA-256 (RFC 5869).
package enum HKDFSHA256 {
    /// The maximum length of derived output, in bytes.
    package static let maximumOutputByteCount = 255 * SHA256Digest.byteCount

    /// Extracts and expands: derives `count` bytes for the purpose that `info` names.
    ///
    /// - Throws: `CryptoError` with the code `.badOutputSize` for more than `maximumOutputByteCount`.
    package static func derive(
        from secret: SecretBytes,
        salt: [UInt8] = [],
        info: [UInt8],
        count: Int
    ) throws(CryptoError) -> SecretBytes {
        try expand(extract(from: secret, salt: salt), info: info, count: count)
    }

    /// Extracts a 32-byte pseudorandom key from `secret` (RFC 5869, section 2.2).
    package static func extract(from secret: SecretBytes, salt: [UInt8] = []) -> SecretBytes {
        SecretBytes(count: SHA256Digest.byteCount) { out in
            var hmac = HMACSHA256(key: SecretBytes(copying: salt))
            secret.withUnsafeBytes { hmac.update($0) }
            hmac.finish(into: out)
        }
    }

    /// Expands `key` to `count` bytes for the purpose that `info` names (RFC 5869, section 2.3).
    ///
    /// - Throws: `CryptoError` with the code `.badOutputSize` for more than `maximumOutputByteCount`.
    package static func expand(
        _ key: SecretBytes,
        info: [UInt8],
        count: Int
    ) throws(CryptoError) -> SecretBytes {
        guard 0...maximumOutputByteCount ~= count else {
            throw .badOutputSize(count, allowed: 0...maximumOutputByteCount)
        }
        return SecretBytes(count: count) { out in
            for (index, start) in stride(from: 0, to: count, by: SHA256Digest.byteCount).enumerated() {
                let block = SecretBytes(count: SHA256Digest.byteCount) { block in
                    var hmac = HMACSHA256(key: key)
                    if start > 0 { hmac.update(.init(rebasing: out[start - SHA256Digest.byteCount..<start])) }
                    info.withUnsafeBytes { hmac.update($0) }
                    withUnsafeBytes(of: UInt8(index + 1)) { hmac.update($0) }
                    hmac.finish(into: block)
                }
                let end = min(count, start + SHA256Digest.byteCount)
                block.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: out[start..<end]).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: $0[..<(end - start)])
                    )
                }
            }
        }
    }
}
