// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// Message authentication by SHA-256 (RFC 2104), incremental.
///
/// Owner: one thread at a time. Its state is wiped when it goes.
public struct HMACSHA256: ~Copyable {
    private let state: UnsafeMutablePointer<crypto_auth_hmacsha256_state>

    /// Ready for a message under `key`, of any length.
    public init(key: SecretBytes) {
        Sodium.start()
        let state = UnsafeMutablePointer<crypto_auth_hmacsha256_state>.allocate(capacity: 1)
        key.withUnsafeBytes { _ = crypto_auth_hmacsha256_init(state, $0.octets, $0.count) }
        self.state = state
    }

    deinit {
        sodium_memzero(state, MemoryLayout<crypto_auth_hmacsha256_state>.size)
        state.deallocate()
    }

    /// Takes more of the message.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        crypto_auth_hmacsha256_update(state, bytes.octets, UInt64(bytes.count))
    }

    /// Takes more of the message.
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The code of all that was given. Compare codes by `ConstantTime`.
    public consuming func finish() -> SHA256Digest {
        var code = SHA256Digest()
        code.withUnsafeMutableBytes { _ = crypto_auth_hmacsha256_final(state, $0.octets) }
        return code
    }

    /// As `finish()`, into 32 bytes of the caller's: for codes that are keys themselves.
    consuming func finish(into out: UnsafeMutableRawBufferPointer) {
        precondition(out.count == SHA256Digest.byteCount)
        crypto_auth_hmacsha256_final(state, out.octets)
    }
}
