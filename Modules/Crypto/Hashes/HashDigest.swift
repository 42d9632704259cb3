// SPDX-License-Identifier: Apache-2.0

/// A digest of fixed size, stored inline: arrays of digests need no allocation each.
public protocol HashDigest: Hashable, Sendable, CustomStringConvertible {
    /// Bytes in a digest.
    static var byteCount: Int { get }
    /// What computes it.
    static var algorithm: HashAlgorithm { get }
    /// All zero.
    init()
    /// Calls `body` with the bytes.
    func withUnsafeBytes<R: ~Copyable, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
    /// Calls `body` with the bytes, to be overwritten.
    mutating func withUnsafeMutableBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R
}

/// The hash functions that BitTorrent names content by (FIPS 180-4).
public enum HashAlgorithm: Sendable {
    /// v1 info-hashes and pieces (BEP 3).
    case sha1
    /// v2 info-hashes and trees (BEP 52).
    case sha256
}

extension HashDigest {
    /// The digest held in `bytes`; nil unless there are exactly `byteCount`.
    @inlinable
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init()
        withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    }

    /// The digest that `hex` spells; nil unless it has exactly two digits a byte.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    /// The bytes as a fresh array.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Lower-case hexadecimal digits, two a byte.
    public var description: String { withUnsafeBytes { Hex.encode($0) } }
}
