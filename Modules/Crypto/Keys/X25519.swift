// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// Diffie-Hellman key agreement on Curve25519 (RFC 7748).
package enum X25519 {
    /// The 32-byte key to send to the other side.
    package typealias PublicKey = ByteBlock<SIMD4<UInt64>, X25519>
    /// The size of a private key in bytes.
    package static let privateKeyByteCount = 32

    /// One side's secret key. Its bytes are wiped when its last copy is released.
    package struct PrivateKey: Sendable {
        /// The 32 bytes of the private key.
        package let bytes: SecretBytes
        /// The key to send to the other side.
        package let publicKey: PublicKey

        /// Creates a key from its 32 bytes.
        ///
        /// - Throws: `CryptoError` with the code `.wrongKeySize`.
        package init(_ bytes: SecretBytes) throws(CryptoError) {
            guard bytes.count == privateKeyByteCount else {
                throw .wrongKeySize(bytes.count, expected: privateKeyByteCount)
            }
            self.init(checked: bytes)
        }

        /// Creates a new key. Pass a `SecureRandom`, except in tests that replay.
        package init(using generator: inout some RandomNumberGenerator) {
            self.init(checked: SecretBytes(count: privateKeyByteCount, using: &generator))
        }

        private init(checked bytes: SecretBytes) {
            Sodium.start()
            var publicKey = PublicKey()
            publicKey.withUnsafeMutableBytes { publicKey in
                bytes.withUnsafeBytes { _ = crypto_scalarmult_curve25519_base(publicKey.octets, $0.octets) }
            }
            self.bytes = bytes
            self.publicKey = publicKey
        }

        /// Returns the 32-byte secret that both sides compute, each from its own private key and the other's public
        /// key. Put it through a key derivation function before use.
        ///
        /// - Throws: `CryptoError` with the code `.lowOrderPoint` for a public key with which the secret would be all
        ///   zero.
        package func sharedSecret(with publicKey: PublicKey) throws(CryptoError) -> SecretBytes {
            try SecretBytes(count: PublicKey.byteCount) { (secret) throws(CryptoError) in
                let result = publicKey.withUnsafeBytes { publicKey in
                    bytes.withUnsafeBytes {
                        crypto_scalarmult_curve25519(secret.octets, $0.octets, publicKey.octets)
                    }
                }
                guard result == 0 else { throw .lowOrderPoint }
            }
        }
    }
}
