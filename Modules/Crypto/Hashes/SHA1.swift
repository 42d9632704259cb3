// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Incremental SHA-1 over OpenSSL's EVP interface.
///
/// Owner: one thread at a time. Reusable: `finish()` leaves it ready for the next message, with no allocation.
public struct SHA1: ~Copyable {
    private let context: EVPDigest

    /// Ready for a message.
    public init() { context = EVPDigest(.sha1) }

    /// Takes more of the message.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { context.update(bytes) }

    /// The digest of all that was given since the last `finish()`, and a fresh start.
    public mutating func finish() -> SHA1Digest {
        var digest = SHA1Digest()
        digest.withUnsafeMutableBytes { context.finish(into: $0) }
        return digest
    }

    /// The digest of one message.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> SHA1Digest {
        var hash = SHA1()
        hash.update(bytes)
        return hash.finish()
    }

    /// The digest of one message.
    public static func hash(_ bytes: [UInt8]) -> SHA1Digest { bytes.withUnsafeBytes { hash($0) } }
}
