// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// Key agreement over Curve25519 (RFC 7748).
public enum X25519 {
    /// What the other side is told; 32 bytes.
    public typealias PublicKey = ByteBlock<SIMD4<UInt64>, X25519>
    /// Bytes in a private key.
    public static let privateKeyByteCount = 32

    /// One side's secret; its bytes are wiped with its last copy.
    public struct PrivateKey: Sendable {
        /// 32 bytes.
        public let bytes: SecretBytes
        /// What the other side is told.
        public let publicKey: PublicKey

        /// The key of these 32 bytes.
        ///
        /// - Throws: `CryptoError` where there are not 32 bytes.
        public init(_ bytes: SecretBytes) throws(CryptoError) {
            guard bytes.count == privateKeyByteCount else {
                throw .wrongKeySize(bytes.count, expected: privateKeyByteCount)
            }
            self.init(checked: bytes)
        }

        /// A new key, of a `SecureRandom` unless a test replays.
        public init(using generator: inout some RandomNumberGenerator) {
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

        /// What both sides compute from their own private and the other's public key: 32 bytes, to be put through a
        /// key derivation function before use.
        ///
        /// - Throws: `CryptoError.Code.lowOrderPoint` for a public key that would make the secret all zero.
        public func sharedSecret(with publicKey: PublicKey) throws(CryptoError) -> SecretBytes {
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
