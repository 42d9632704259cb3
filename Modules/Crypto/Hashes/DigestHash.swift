// SPDX-License-Identifier: Apache-2.0

/// Incremental SHA-1 (FIPS 180-4).
public typealias SHA1 = DigestHash<SHA1Digest>

/// Incremental SHA-256 (FIPS 180-4).
public typealias SHA256 = DigestHash<SHA256Digest>

/// An incremental hash function, computed by OpenSSL's EVP interface.
///
/// Use it from one thread at a time. `finish()` resets it for the next message without allocating.
public struct DigestHash<Digest: HashDigest>: ~Copyable {
    @usableFromInline let context: EVPDigest

    /// Creates a hash that has been given no bytes.
    @inlinable
    public init() { context = EVPDigest(Digest.algorithm) }

    /// Appends `bytes` to the message.
    @inlinable
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { context.update(bytes) }

    /// Appends `bytes` to the message.
    @inlinable
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { context.update($0) } }

    /// Appends the bytes of another hash's digest to the message.
    @inlinable
    public mutating func update(_ digest: some HashDigest) { digest.withUnsafeBytes { context.update($0) } }

    /// Returns the digest of everything appended since the last `finish()`, and resets the hash.
    @inlinable
    public mutating func finish() -> Digest {
        var digest = Digest()
        digest.withUnsafeMutableBytes { context.finish(into: $0) }
        return digest
    }

    /// Returns the digest of a single message.
    @inlinable
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> Digest {
        var hash = Self()
        hash.update(bytes)
        return hash.finish()
    }

    /// Returns the digest of a single message.
    @inlinable
    public static func hash(_ bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes { hash($0) } }
}
