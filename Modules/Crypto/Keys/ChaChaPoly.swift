// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// Authenticated encryption: ChaCha20-Poly1305 (RFC 8439), or XChaCha20-Poly1305 with nonces long enough to be drawn at
/// random.
///
/// A nonce must never be used twice with one key.
public struct ChaChaPoly: Sendable {
    /// Which nonces a key takes.
    public enum Variant: Sendable {
        /// 12 bytes: for counters.
        case ietf
        /// 24 bytes: for counters or random bytes.
        case extended

        /// Bytes in a nonce.
        public var nonceByteCount: Int {
            switch self {
            case .ietf: 12
            case .extended: 24
            }
        }
    }

    /// What authenticates a message; 16 bytes.
    public typealias Tag = ByteBlock<SIMD2<UInt64>, ChaChaPoly>
    /// Bytes in a key.
    public static let keyByteCount = 32

    private let key: SecretBytes
    private let variant: Variant

    /// The cipher under a 32-byte key.
    ///
    /// - Throws: `CryptoError` where the key is not 32 bytes long.
    public init(key: SecretBytes, variant: Variant = .ietf) throws(CryptoError) {
        guard key.count == Self.keyByteCount else { throw .wrongKeySize(key.count, expected: Self.keyByteCount) }
        Sodium.start()
        self.key = key
        self.variant = variant
    }

    /// Encrypts `bytes` in place. The tag covers them and `associated`, which is sent or known otherwise.
    ///
    /// - Throws: `CryptoError` where the nonce is not as long as the variant needs.
    public func seal(
        _ bytes: UnsafeMutableRawBufferPointer,
        nonce: UnsafeRawBufferPointer,
        associated: UnsafeRawBufferPointer = .empty
    ) throws(CryptoError) -> Tag {
        try check(nonce)
        var tag = Tag()
        tag.withUnsafeMutableBytes { tag in
            key.withUnsafeBytes { key in
                let encrypt =
                    switch variant {
                    case .ietf: crypto_aead_chacha20poly1305_ietf_encrypt_detached
                    case .extended: crypto_aead_xchacha20poly1305_ietf_encrypt_detached
                    }
                _ = encrypt(
                    bytes.octets,
                    tag.octets,
                    nil,
                    bytes.octets,
                    UInt64(bytes.count),
                    associated.octets,
                    UInt64(associated.count),
                    nil,
                    nonce.octets,
                    key.octets
                )
            }
        }
        return tag
    }

    /// Decrypts `bytes` in place, if they and `associated` are what was sealed; else throws `authenticationFailed`, and
    /// what `bytes` holds is of no use.
    ///
    /// - Throws: `CryptoError`: `authenticationFailed`, or `wrongNonceSize` for a nonce of another length.
    public func open(
        _ bytes: UnsafeMutableRawBufferPointer,
        tag: Tag,
        nonce: UnsafeRawBufferPointer,
        associated: UnsafeRawBufferPointer = .empty
    ) throws(CryptoError) {
        try check(nonce)
        let result = tag.withUnsafeBytes { tag in
            key.withUnsafeBytes { key in
                let decrypt =
                    switch variant {
                    case .ietf: crypto_aead_chacha20poly1305_ietf_decrypt_detached
                    case .extended: crypto_aead_xchacha20poly1305_ietf_decrypt_detached
                    }
                return decrypt(
                    bytes.octets,
                    nil,
                    bytes.octets,
                    UInt64(bytes.count),
                    tag.octets,
                    associated.octets,
                    UInt64(associated.count),
                    nonce.octets,
                    key.octets
                )
            }
        }
        guard result == 0 else { throw .authenticationFailed }
    }

    private func check(_ nonce: UnsafeRawBufferPointer) throws(CryptoError) {
        guard nonce.count == variant.nonceByteCount else {
            throw .wrongNonceSize(nonce.count, expected: variant.nonceByteCount)
        }
    }
}

extension ChaChaPoly {
    /// `message` encrypted, with its tag behind it.
    ///
    /// - Throws: `CryptoError` where the nonce is not as long as the variant needs.
    public func sealed(
        _ message: [UInt8],
        nonce: [UInt8],
        associated: [UInt8] = []
    ) throws(CryptoError) -> [UInt8] {
        var bytes = message
        let tag = try bytes.withMutableOctets { (bytes) throws(CryptoError) in
            try nonce.withOctets { (nonce) throws(CryptoError) in
                try associated.withOctets { (associated) throws(CryptoError) in
                    try seal(bytes, nonce: nonce, associated: associated)
                }
            }
        }
        return bytes + tag.bytes
    }

    /// The message that `sealed` made `box` of.
    ///
    /// - Throws: `CryptoError`: `authenticationFailed`, or `wrongNonceSize` for a nonce of another length.
    public func opened(
        _ box: [UInt8],
        nonce: [UInt8],
        associated: [UInt8] = []
    ) throws(CryptoError) -> [UInt8] {
        guard let tag = Tag(box.suffix(Tag.byteCount)) else { throw .authenticationFailed }
        var bytes = Array(box.dropLast(Tag.byteCount))
        try bytes.withMutableOctets { (bytes) throws(CryptoError) in
            try nonce.withOctets { (nonce) throws(CryptoError) in
                try associated.withOctets { (associated) throws(CryptoError) in
                    try open(bytes, tag: tag, nonce: nonce, associated: associated)
                }
            }
        }
        return bytes
    }
}

extension UnsafeRawBufferPointer {
    /// No bytes.
    public static var empty: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}
