// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// Bytes that must not outlive their use: wiped when the last owner lets go, never printed, compared in constant time.
///
/// Immutable once made, so it may be shared by threads. Copies that a caller takes out of `withUnsafeBytes` are the
/// caller's to wipe.
public final class SecretBytes: @unchecked Sendable {  // the storage is written in `init` only
    private let storage: UnsafeMutableRawBufferPointer

    /// `count` bytes that `fill` writes; they are zero before it runs.
    public init<E: Error>(count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        storage = .allocate(byteCount: count, alignment: 16)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        try fill(storage)
    }

    /// A copy of `bytes`, which stay where they are.
    public convenience init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// `count` bytes of `generator`, which is to be a `SecureRandom` unless a test replays.
    public convenience init(count: Int, using generator: inout some RandomNumberGenerator) {
        self.init(count: count) { generator.fill($0) }
    }

    deinit {
        if let address = storage.baseAddress { sodium_memzero(address, storage.count) }
        storage.deallocate()
    }

    /// How many bytes.
    public var count: Int { storage.count }

    /// Calls `body` with the bytes, which must not leave it.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(storage))
    }
}

extension SecretBytes: Equatable {
    /// Takes the same time whatever the bytes.
    public static func == (a: SecretBytes, b: SecretBytes) -> Bool {
        a.withUnsafeBytes { left in b.withUnsafeBytes { ConstantTime.areEqual(left, $0) } }
    }
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
    /// The size alone.
    public var description: String { "SecretBytes(\(count) bytes)" }
    /// Nothing to see, also not for `dump`.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
