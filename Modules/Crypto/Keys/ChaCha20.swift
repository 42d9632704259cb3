// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// The keystream of ChaCha20 (RFC 8439), from any byte of it: encryption for bytes that are read and written in pieces, such as
/// those of a `PieceStore`.
///
/// It hides bytes and does not authenticate them; `ChaChaPoly` does both. Never encrypt different bytes at the same offset with
/// the same key and nonce.
public struct ChaCha20: Sendable {
    /// The size of a key in bytes.
    public static let keyByteCount = 32
    /// The size of a nonce in bytes.
    public static let nonceByteCount = 12
    /// The length of the keystream that belongs to one nonce: 256 GiB.
    public static let streamByteCount = blockByteCount << 32

    private static let blockByteCount = 64

    private let key: SecretBytes

    /// Creates a cipher for a 32-byte key.
    ///
    /// - Throws: `CryptoError` with the code `.wrongKeySize`.
    public init(key: SecretBytes) throws(CryptoError) {
        guard key.count == Self.keyByteCount else { throw .wrongKeySize(key.count, expected: Self.keyByteCount) }
        Sodium.start()
        self.key = key
    }

    /// Encrypts or decrypts `bytes` in place, with the keystream from `offset` on.
    ///
    /// - Throws: `CryptoError` with the code `.wrongNonceSize`, or `.badOutputSize` if the bytes reach beyond the keystream.
    public func apply(
        to bytes: UnsafeMutableRawBufferPointer,
        nonce: [UInt8],
        offset: Int
    ) throws(CryptoError) {
        guard nonce.count == Self.nonceByteCount else {
            throw .wrongNonceSize(nonce.count, expected: Self.nonceByteCount)
        }
        guard 0...Self.streamByteCount ~= offset, bytes.count <= Self.streamByteCount - offset else {
            throw .badOutputSize(bytes.count, allowed: 0...max(0, Self.streamByteCount - max(0, offset)))
        }
        let skipped = offset % Self.blockByteCount
        let head = skipped == 0 ? 0 : min(bytes.count, Self.blockByteCount - skipped)
        if head > 0 {
            var block = [UInt8](repeating: 0, count: skipped + head)
            block.withMutableOctets { block in
                block[skipped...].copyBytes(from: bytes[..<head])
                apply(to: block, nonce: nonce, block: offset / Self.blockByteCount)
                bytes.copyBytes(from: block[skipped...])
            }
        }
        let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[head...])
        if !rest.isEmpty { apply(to: rest, nonce: nonce, block: (offset + head) / Self.blockByteCount) }
    }

    /// XORs `bytes` with the keystream from the beginning of one of its 64-byte blocks.
    private func apply(to bytes: UnsafeMutableRawBufferPointer, nonce: [UInt8], block: Int) {
        nonce.withOctets { nonce in
            key.withUnsafeBytes { key in
                _ = crypto_stream_chacha20_ietf_xor_ic(
                    bytes.octets,
                    bytes.octets,
                    UInt64(bytes.count),
                    nonce.octets,
                    UInt32(truncatingIfNeeded: block),
                    key.octets
                )
            }
        }
    }
}
