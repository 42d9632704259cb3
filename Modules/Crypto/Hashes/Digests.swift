// SPDX-License-Identifier: Apache-2.0

/// A 20-byte SHA-1 digest (FIPS 180-4): a v1 info-hash or the hash of a v1 piece.
///
/// Stored inline, so arrays of digests need no allocation each.
public struct SHA1Digest: Hashable, Sendable {
    /// Bytes in a digest.
    public static let byteCount = 20

    @usableFromInline var low: UInt64
    @usableFromInline var middle: UInt64
    @usableFromInline var high: UInt32

    /// All zero.
    public init() {
        low = 0
        middle = 0
        high = 0
    }

    /// The digest held in `bytes`; nil unless there are exactly 20.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init()
        withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    }

    /// Calls `body` with the 20 bytes.
    @inlinable
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try Swift.withUnsafeBytes(of: self) { try body(.init(rebasing: $0[..<Self.byteCount])) }
    }

    /// Calls `body` with the 20 bytes, to be overwritten.
    @inlinable
    public mutating func withUnsafeMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R {
        try Swift.withUnsafeMutableBytes(of: &self) { try body(.init(rebasing: $0[..<Self.byteCount])) }
    }

    /// The bytes as a fresh array.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}

/// A 32-byte SHA-256 digest (FIPS 180-4): a v2 info-hash, or a node or leaf of a BEP 52 tree.
///
/// Stored inline, so arrays of digests need no allocation each.
public struct SHA256Digest: Hashable, Sendable {
    /// Bytes in a digest.
    public static let byteCount = 32

    @usableFromInline var words: (UInt64, UInt64, UInt64, UInt64)

    /// All zero: the pad leaf of a BEP 52 tree.
    public init() {
        words = (0, 0, 0, 0)
    }

    /// The digest held in `bytes`; nil unless there are exactly 32.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init()
        withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    }

    /// Calls `body` with the 32 bytes.
    @inlinable
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try Swift.withUnsafeBytes(of: words, body)
    }

    /// Calls `body` with the 32 bytes, to be overwritten.
    @inlinable
    public mutating func withUnsafeMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R {
        try Swift.withUnsafeMutableBytes(of: &words, body)
    }

    /// The bytes as a fresh array.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// The first 20 bytes: how a v2 torrent is named in handshakes and announces (BEP 52).
    public var truncated: SHA1Digest {
        var short = SHA1Digest()
        withUnsafeBytes { all in
            short.withUnsafeMutableBytes { $0.copyBytes(from: all[..<SHA1Digest.byteCount]) }
        }
        return short
    }

    public static func == (a: Self, b: Self) -> Bool { a.words == b.words }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }
}

extension SHA1Digest: CustomStringConvertible {
    /// 40 lower-case hexadecimal digits.
    public var description: String { Hex.encode(bytes) }
}

extension SHA256Digest: CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public var description: String { Hex.encode(bytes) }
}
