// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// Bytes that must not outlive their use. They are wiped when the last reference is released, never printed, and
/// compared in constant time.
///
/// Immutable, so threads can share it. A caller that copies bytes out of `withUnsafeBytes` must wipe the copy.
public final class SecretBytes: @unchecked Sendable {  // the storage is written in `init` only
    private let storage: UnsafeMutableRawBufferPointer

    /// Creates `count` bytes written by `fill`, which receives them zeroed.
    public init<E: Error>(count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        storage = .allocate(byteCount: count, alignment: 16)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        try fill(storage)
    }

    /// Copies `bytes`. The original is not wiped.
    public convenience init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// Creates `count` random bytes. Pass a `SecureRandom`, except in tests that replay.
    public convenience init(count: Int, using generator: inout some RandomNumberGenerator) {
        self.init(count: count) { generator.fill($0) }
    }

    deinit {
        if let address = storage.baseAddress { sodium_memzero(address, storage.count) }
        storage.deallocate()
    }

    /// The number of bytes.
    public var count: Int { storage.count }

    /// Calls `body` with the bytes. The pointer must not escape from it.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(storage))
    }
}

extension SecretBytes: Equatable {
    /// Compares in constant time.
    public static func == (a: SecretBytes, b: SecretBytes) -> Bool {
        a.withUnsafeBytes { left in b.withUnsafeBytes { ConstantTime.areEqual(left, $0) } }
    }
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
    /// The number of bytes, never their values.
    public var description: String { "SecretBytes(\(count) bytes)" }
    /// An empty mirror, so that `dump` does not print the bytes.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
