// SPDX-License-Identifier: Apache-2.0

/// A 20-byte SHA-1 digest (FIPS 180-4): a v1 info-hash or the hash of a v1 piece.
public struct SHA1Digest: HashDigest {
    /// The size of a digest: 20 bytes.
    public static var byteCount: Int { 20 }
    /// `.sha1`.
    public static var algorithm: HashAlgorithm { .sha1 }

    @usableFromInline var words: (low: UInt64, middle: UInt64, high: UInt32)

    /// Creates a digest of zero bytes.
    public init() {
        words = (0, 0, 0)
    }

    /// Calls `body` with the 20 bytes.
    @inlinable
    public func withUnsafeBytes<R: ~Copyable, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
    {
        try Swift.withUnsafeBytes(of: words) { (bytes) throws(E) in
            try body(.init(rebasing: bytes[..<Self.byteCount]))
        }
    }

    /// Calls `body` with the 20 bytes, which it may overwrite.
    @inlinable
    public mutating func withUnsafeMutableBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try Swift.withUnsafeMutableBytes(of: &words) { (bytes) throws(E) in
            try body(.init(rebasing: bytes[..<Self.byteCount]))
        }
    }

    /// Compares all bytes, but not in constant time: digests of content are not secret.
    @inlinable
    public static func == (a: Self, b: Self) -> Bool { a.words == b.words }

    /// Hashes the first 16 bytes only: enough to spread digests over a table.
    @inlinable
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.low)
        hasher.combine(words.middle)
    }
}

/// A 32-byte SHA-256 digest (FIPS 180-4): a v2 info-hash, or a node or leaf of a BEP 52 tree.
public struct SHA256Digest: HashDigest {
    /// The size of a digest: 32 bytes.
    public static var byteCount: Int { 32 }
    /// `.sha256`.
    public static var algorithm: HashAlgorithm { .sha256 }

    @usableFromInline var words: (UInt64, UInt64, UInt64, UInt64)

    /// Creates a digest of zero bytes, which is also the pad leaf of a BEP 52 tree.
    public init() {
        words = (0, 0, 0, 0)
    }

    /// Calls `body` with the 32 bytes.
    @inlinable
    public func withUnsafeBytes<R: ~Copyable, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
    {
        try Swift.withUnsafeBytes(of: words, body)
    }

    /// Calls `body` with the 32 bytes, which it may overwrite.
    @inlinable
    public mutating func withUnsafeMutableBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try Swift.withUnsafeMutableBytes(of: &words, body)
    }

    /// The first 20 bytes, which identify a v2 torrent in handshakes and announces (BEP 52).
    package var truncated: SHA1Digest {
        var short = SHA1Digest()
        withUnsafeBytes { all in
            short.withUnsafeMutableBytes { $0.copyBytes(from: all[..<SHA1Digest.byteCount]) }
        }
        return short
    }

    /// Compares all bytes, but not in constant time: digests of content are not secret.
    @inlinable
    public static func == (a: Self, b: Self) -> Bool { a.words == b.words }

    /// Hashes the first 16 bytes only: enough to spread digests over a table.
    @inlinable
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }
}
