// SPDX-License-Identifier: Apache-2.0

/// A value of a fixed number of bytes, stored inline: an array of them is a single allocation.
public protocol FixedBytes: Hashable, Sendable, CustomStringConvertible {
    /// The size of a value in bytes.
    static var byteCount: Int { get }
    /// Creates a value of zero bytes.
    init()
    /// Calls `body` with the bytes.
    func withUnsafeBytes<R: ~Copyable, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
    /// Calls `body` with the bytes, which it may overwrite.
    mutating func withUnsafeMutableBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R
}

extension FixedBytes {
    /// Creates a value from `bytes`; nil unless there are exactly `byteCount`.
    @inlinable
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init()
        withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    }

    /// Creates a value from hexadecimal digits of either case; nil unless there are exactly two per byte.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    /// A copy of the bytes as an array.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Lower-case hexadecimal digits, two per byte.
    public var description: String { withUnsafeBytes { Hex.encode($0) } }
}

/// Public bytes with a fixed size and meaning, such as a public key. `Storage` sets the size; `Role` distinguishes
/// values of the same size, so that a key cannot be passed where a signature or another kind of key is expected.
@frozen
public struct ByteBlock<Storage: SIMD & Sendable, Role>: FixedBytes where Storage.Scalar == UInt64 {
    @usableFromInline var storage: Storage

    /// The size of a value in bytes: 8 for each scalar of `Storage`.
    @inlinable public static var byteCount: Int { Storage.scalarCount * MemoryLayout<UInt64>.size }

    /// Creates a value of zero bytes.
    @inlinable
    public init() { storage = Storage() }

    /// Calls `body` with the bytes.
    @inlinable
    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try Swift.withUnsafeBytes(of: storage, body)
    }

    /// Calls `body` with the bytes, which it may overwrite.
    @inlinable
    public mutating func withUnsafeMutableBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try Swift.withUnsafeMutableBytes(of: &storage, body)
    }
}
