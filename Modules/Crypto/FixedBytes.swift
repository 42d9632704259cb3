// SPDX-License-Identifier: Apache-2.0

/// A value that is a fixed number of bytes, stored inline: arrays of them need no allocation each.
public protocol FixedBytes: Hashable, Sendable, CustomStringConvertible {
    /// Bytes in a value.
    static var byteCount: Int { get }
    /// All zero.
    init()
    /// Calls `body` with the bytes.
    func withUnsafeBytes<R: ~Copyable, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
    /// Calls `body` with the bytes, to be overwritten.
    mutating func withUnsafeMutableBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R
}

extension FixedBytes {
    /// The value held in `bytes`; nil unless there are exactly `byteCount`.
    @inlinable
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init()
        withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    }

    /// The value that `hex` spells; nil unless it has exactly two digits a byte.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    /// The bytes as a fresh array.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Lower-case hexadecimal digits, two a byte.
    public var description: String { withUnsafeBytes { Hex.encode($0) } }
}

/// Public bytes of a fixed size and meaning, such as a public key: `Storage` gives the size, and `Role` keeps those of
/// one meaning from being taken for another's.
@frozen
public struct ByteBlock<Storage: SIMD & Sendable, Role>: FixedBytes where Storage.Scalar == UInt64 {
    @usableFromInline var storage: Storage

    /// Bytes in a value.
    @inlinable public static var byteCount: Int { Storage.scalarCount * MemoryLayout<UInt64>.size }

    /// All zero.
    @inlinable
    public init() { storage = Storage() }

    /// Calls `body` with the bytes.
    @inlinable
    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try Swift.withUnsafeBytes(of: storage, body)
    }

    /// Calls `body` with the bytes, to be overwritten.
    @inlinable
    public mutating func withUnsafeMutableBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try Swift.withUnsafeMutableBytes(of: &storage, body)
    }
}
