// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// Authenticated encryption with ChaCha20-Poly1305 (RFC 8439), or with XChaCha20-Poly1305, whose nonces are long enough
/// to be chosen at random.
///
/// Never use a nonce twice with the same key.
public struct ChaChaPoly: Sendable {
    /// The size of the nonces.
    public enum Variant: Sendable {
        /// 12 bytes, for counters.
        case ietf
        /// 24 bytes, for counters or random nonces (XChaCha20-Poly1305).
        case extended

        /// The size of a nonce in bytes.
        public var nonceByteCount: Int {
            switch self {
            case .ietf: 12
            case .extended: 24
            }
        }
    }

    /// The 16 bytes that authenticate a message.
    public typealias Tag = ByteBlock<SIMD2<UInt64>, ChaChaPoly>
    /// The size of a key in bytes.
    public static let keyByteCount = 32

    private let key: SecretBytes
    private let variant: Variant

    /// Creates a cipher for a 32-byte key.
    ///
    /// - Throws: `CryptoError` with the code `.wrongKeySize`.
    public init(key: SecretBytes, variant: Variant = .ietf) throws(CryptoError) {
        guard key.count == Self.keyByteCount else { throw .wrongKeySize(key.count, expected: Self.keyByteCount) }
        Sodium.start()
        self.key = key
        self.variant = variant
    }

    /// Encrypts `bytes` in place and returns the tag, which authenticates both them and `associated`. The receiver
    /// needs `associated` to open the message; it is not encrypted.
    ///
    /// - Throws: `CryptoError` with the code `.wrongNonceSize`.
    package func seal(
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

    /// Decrypts `bytes` in place if the tag matches them and `associated`.
    ///
    /// - Throws: `CryptoError` with the code `.authenticationFailed` if it does not (discard `bytes` then), or
    ///   `.wrongNonceSize`.
    package func open(
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
    /// Returns `message` encrypted, followed by its tag.
    ///
    /// - Throws: `CryptoError` with the code `.wrongNonceSize`.
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

    /// Returns the message that `sealed` encrypted as `box`.
    ///
    /// - Throws: `CryptoError` with the code `.authenticationFailed` or `.wrongNonceSize`.
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
    /// An empty buffer without an address.
    package static var empty: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}
