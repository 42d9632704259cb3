// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// Incremental message authentication with HMAC-SHA-256 (RFC 2104).
///
/// Use it from one thread at a time. Its state is wiped on deinitialisation.
package struct HMACSHA256: ~Copyable {
    private let state: UnsafeMutablePointer<crypto_auth_hmacsha256_state>

    /// Starts a message authenticated with `key`, which may have any length.
    package init(key: SecretBytes) {
        Sodium.start()
        let state = UnsafeMutablePointer<crypto_auth_hmacsha256_state>.allocate(capacity: 1)
        key.withUnsafeBytes { _ = crypto_auth_hmacsha256_init(state, $0.octets, $0.count) }
        self.state = state
    }

    deinit {
        sodium_memzero(state, MemoryLayout<crypto_auth_hmacsha256_state>.size)
        state.deallocate()
    }

    /// Appends `bytes` to the message.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        crypto_auth_hmacsha256_update(state, bytes.octets, UInt64(bytes.count))
    }

    /// Appends `bytes` to the message.
    package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// Returns the authentication code of the message. Compare codes with `ConstantTime`.
    package consuming func finish() -> SHA256Digest {
        var code = SHA256Digest()
        code.withUnsafeMutableBytes { _ = crypto_auth_hmacsha256_final(state, $0.octets) }
        return code
    }

    /// Writes the authentication code to `out`, which must have 32 bytes: for codes that are keys themselves.
    consuming func finish(into out: UnsafeMutableRawBufferPointer) {
        precondition(out.count == SHA256Digest.byteCount)
        crypto_auth_hmacsha256_final(state, out.octets)
    }
}
