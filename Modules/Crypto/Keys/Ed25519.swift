// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// Ed25519 signatures (RFC 8032).
public enum Ed25519 {
    /// The 32-byte key that identifies a signer and verifies their signatures.
    public typealias PublicKey = ByteBlock<SIMD4<UInt64>, Ed25519>
    /// A 64-byte signature.
    public typealias Signature = ByteBlock<SIMD8<UInt64>, Ed25519>
    /// The size of a private key's seed in bytes.
    public static let seedByteCount = 32

    /// A key that signs. Its bytes are wiped when its last copy is released.
    public struct PrivateKey: Sendable {
        /// The 32 bytes to store: the whole key is derived from them.
        public let seed: SecretBytes
        /// The key that verifies its signatures.
        public let publicKey: PublicKey
        private let expanded: SecretBytes

        /// Derives the key from a 32-byte seed.
        ///
        /// - Throws: `CryptoError` with the code `.wrongKeySize`.
        public init(seed: SecretBytes) throws(CryptoError) {
            guard seed.count == seedByteCount else { throw .wrongKeySize(seed.count, expected: seedByteCount) }
            self.init(checkedSeed: seed)
        }

        /// Creates a new key. Pass a `SecureRandom`, except in tests that replay.
        public init(using generator: inout some RandomNumberGenerator) {
            self.init(checkedSeed: SecretBytes(count: seedByteCount, using: &generator))
        }

        private init(checkedSeed seed: SecretBytes) {
            Sodium.start()
            var publicKey = PublicKey()
            expanded = SecretBytes(count: Int(crypto_sign_ed25519_SECRETKEYBYTES)) { expanded in
                publicKey.withUnsafeMutableBytes { publicKey in
                    seed.withUnsafeBytes {
                        _ = crypto_sign_ed25519_seed_keypair(publicKey.octets, expanded.octets, $0.octets)
                    }
                }
            }
            self.seed = seed
            self.publicKey = publicKey
        }

        /// Returns the signature of `message`. Signing is deterministic.
        public func signature(for message: UnsafeRawBufferPointer) -> Signature {
            var signature = Signature()
            signature.withUnsafeMutableBytes { signature in
                expanded.withUnsafeBytes {
                    _ = crypto_sign_ed25519_detached(
                        signature.octets,
                        nil,
                        message.octets,
                        UInt64(message.count),
                        $0.octets
                    )
                }
            }
            return signature
        }

        /// Returns the signature of `message`. Signing is deterministic.
        public func signature(for message: [UInt8]) -> Signature { message.withUnsafeBytes { signature(for: $0) } }
    }

    /// Returns whether `signature` is a signature of `message` by `publicKey`. Rejects public keys of low order and
    /// malleable signatures.
    public static func isValid(
        _ signature: Signature,
        for message: UnsafeRawBufferPointer,
        by publicKey: PublicKey
    ) -> Bool {
        Sodium.start()
        return signature.withUnsafeBytes { signature in
            publicKey.withUnsafeBytes {
                crypto_sign_ed25519_verify_detached(
                    signature.octets,
                    message.octets,
                    UInt64(message.count),
                    $0.octets
                ) == 0
            }
        }
    }

    /// Returns whether `signature` is a signature of `message` by `publicKey`.
    public static func isValid(_ signature: Signature, for message: [UInt8], by publicKey: PublicKey) -> Bool {
        message.withUnsafeBytes { isValid(signature, for: $0, by: publicKey) }
    }
}
