// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// A reusable `EVP_MD_CTX`.
///
/// Invariant: between calls, the context is initialised and ready for `update`.
@usableFromInline
struct EVPDigest: ~Copyable {
    private let context: OpaquePointer
    private let algorithm: OpaquePointer

    @usableFromInline
    init(_ algorithm: HashAlgorithm) {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory: EVP_MD_CTX_new") }
        self.context = context
        self.algorithm = FetchedAlgorithms.shared.pointer(algorithm)
        restart()
    }

    @usableFromInline
    deinit { EVP_MD_CTX_free(context) }

    @usableFromInline
    func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "EVP_DigestUpdate failed")
    }

    /// Writes the digest to `out`, which must have room for all of it, and resets the context.
    @usableFromInline
    func finish(into out: UnsafeMutableRawBufferPointer) {
        let address = out.baseAddress?.assumingMemoryBound(to: UInt8.self)
        precondition(EVP_DigestFinal_ex(context, address, nil) == 1, "EVP_DigestFinal_ex failed")
        restart()
    }

    private func restart() {
        precondition(EVP_DigestInit_ex2(context, algorithm, nil) == 1, "EVP_DigestInit_ex2 failed")
    }
}

/// The algorithms, fetched once per process: `EVP_MD_fetch` is slow, because it walks the providers under a lock.
private struct FetchedAlgorithms: @unchecked Sendable {  // EVP_MD is immutable once fetched
    static let shared = FetchedAlgorithms()
    private let sha1: OpaquePointer
    private let sha256: OpaquePointer

    private init() {
        guard let sha1 = EVP_MD_fetch(nil, "SHA1", nil), let sha256 = EVP_MD_fetch(nil, "SHA2-256", nil) else {
            preconditionFailure("this OpenSSL has no SHA-1 or SHA-256")
        }
        self.sha1 = sha1
        self.sha256 = sha256
    }

    func pointer(_ algorithm: HashAlgorithm) -> OpaquePointer {
        switch algorithm {
        case .sha1: sha1
        case .sha256: sha256
        }
    }
}
