// SPDX-License-Identifier: Apache-2.0

/// Incremental SHA-1 (FIPS 180-4).
public typealias SHA1 = DigestHash<SHA1Digest>

/// Incremental SHA-256 (FIPS 180-4).
public typealias SHA256 = DigestHash<SHA256Digest>

/// An incremental hash function over OpenSSL's EVP interface.
///
/// Owner: one thread at a time. Reusable: `finish()` leaves it ready for the next message, with no allocation.
public struct DigestHash<Digest: HashDigest>: ~Copyable {
    @usableFromInline let context: EVPDigest

    /// Ready for a message.
    @inlinable
    public init() { context = EVPDigest(Digest.algorithm) }

    /// Takes more of the message.
    @inlinable
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { context.update(bytes) }

    /// Takes more of the message.
    @inlinable
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { context.update($0) } }

    /// Takes another hash's result as more of the message.
    @inlinable
    public mutating func update(_ digest: some HashDigest) { digest.withUnsafeBytes { context.update($0) } }

    /// The digest of all that was given since the last `finish()`, and a fresh start.
    @inlinable
    public mutating func finish() -> Digest {
        var digest = Digest()
        digest.withUnsafeMutableBytes { context.finish(into: $0) }
        return digest
    }

    /// The digest of one message.
    @inlinable
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> Digest {
        var hash = Self()
        hash.update(bytes)
        return hash.finish()
    }

    /// The digest of one message.
    @inlinable
    public static func hash(_ bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes { hash($0) } }
}
