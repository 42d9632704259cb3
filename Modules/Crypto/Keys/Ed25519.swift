// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// Signatures over Curve25519 (RFC 8032).
public enum Ed25519 {
    /// Whom a signature is by; 32 bytes.
    public typealias PublicKey = ByteBlock<SIMD4<UInt64>, Ed25519>
    /// 64 bytes.
    public typealias Signature = ByteBlock<SIMD8<UInt64>, Ed25519>
    /// Bytes of the seed that a private key is made of.
    public static let seedByteCount = 32

    /// What signs; its bytes are wiped with its last copy.
    public struct PrivateKey: Sendable {
        /// 32 bytes: what to keep. All else follows from it.
        public let seed: SecretBytes
        /// Whom its signatures are by.
        public let publicKey: PublicKey
        private let expanded: SecretBytes

        /// The key of a 32-byte seed.
        ///
        /// - Throws: `CryptoError` where the seed is not 32 bytes long.
        public init(seed: SecretBytes) throws(CryptoError) {
            guard seed.count == seedByteCount else { throw .wrongKeySize(seed.count, expected: seedByteCount) }
            self.init(checkedSeed: seed)
        }

        /// A new key, of a `SecureRandom` unless a test replays.
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

        /// Signs `message`; the same message always gets the same signature.
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

        /// Signs `message`; the same message always gets the same signature.
        public func signature(for message: [UInt8]) -> Signature { message.withUnsafeBytes { signature(for: $0) } }
    }

    /// Whether `signature` is `publicKey`'s, over exactly `message`. Keys of low order and malleable signatures are
    /// refused.
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

    /// Whether `signature` is `publicKey`'s, over exactly `message`.
    public static func isValid(_ signature: Signature, for message: [UInt8], by publicKey: PublicKey) -> Bool {
        message.withUnsafeBytes { isValid(signature, for: $0, by: publicKey) }
    }
}
