// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// The BLAKE2b hash function (RFC 7693) with any output size. With a key, it is a message authentication code.
///
/// Incremental. Use it from one thread at a time. Its state is wiped on deinitialisation.
package struct BLAKE2b: ~Copyable {
    /// The allowed output sizes, in bytes.
    package static let outputByteCounts = 1...64
    /// The maximum length of a key, in bytes.
    package static let maximumKeyByteCount = 64

    private let state: OpaqueState
    private let outputByteCount: Int

    /// Starts a message whose digest will have `outputByteCount` bytes.
    ///
    /// - Throws: `CryptoError` with the code `.badOutputSize`, or `.wrongKeySize` for a key longer than
    ///   `maximumKeyByteCount`.
    package init(outputByteCount: Int = 32, key: SecretBytes? = nil) throws(CryptoError) {
        guard Self.outputByteCounts ~= outputByteCount else {
            throw .badOutputSize(outputByteCount, allowed: Self.outputByteCounts)
        }
        let keyByteCount = key?.count ?? 0
        guard keyByteCount <= Self.maximumKeyByteCount else {
            throw .wrongKeySize(keyByteCount, expected: Self.maximumKeyByteCount)
        }
        Sodium.start()
        let state = OpaqueState()
        if let key {
            key.withUnsafeBytes {
                _ = crypto_generichash_blake2b_init(state.pointer, $0.octets, $0.count, outputByteCount)
            }
        } else {
            crypto_generichash_blake2b_init(state.pointer, nil, 0, outputByteCount)
        }
        self.state = state
        self.outputByteCount = outputByteCount
    }

    /// Appends `bytes` to the message.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        crypto_generichash_blake2b_update(state.pointer, bytes.octets, UInt64(bytes.count))
    }

    /// Appends `bytes` to the message.
    package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// Returns the digest of the message.
    package consuming func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: outputByteCount)
        crypto_generichash_blake2b_final(state.pointer, &digest, outputByteCount)
        return digest
    }

    /// Returns the digest of a single message.
    ///
    /// - Throws: `CryptoError` with the code `.badOutputSize`, or `.wrongKeySize` for a key longer than
    ///   `maximumKeyByteCount`.
    package static func hash(
        _ message: [UInt8],
        outputByteCount: Int = 32,
        key: SecretBytes? = nil
    ) throws(CryptoError) -> [UInt8] {
        var hash = try BLAKE2b(outputByteCount: outputByteCount, key: key)
        hash.update(message)
        return hash.finish()
    }
}

/// libsodium's state, which must be aligned to 64 bytes.
private struct OpaqueState: ~Copyable {
    private let storage: UnsafeMutableRawPointer
    private let byteCount = crypto_generichash_blake2b_statebytes()

    init() {
        storage = .allocate(byteCount: byteCount, alignment: 64)
    }

    var pointer: OpaquePointer { OpaquePointer(storage) }

    deinit {
        sodium_memzero(storage, byteCount)
        storage.deallocate()
    }
}
